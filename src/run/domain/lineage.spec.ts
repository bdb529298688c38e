import { generateKeyPairSync } from 'node:crypto';
import type { ActorKind, Authority, Signed } from '#key/domain/signing.js';
import { ed25519, publicHalf, signStatement } from '#ledger/ed25519.js';
import type { DataOf } from './events.js';
import {
  lineageOf,
  ownLineage,
  promotedBy,
  resetAnchor,
  resetOf,
  resetStatement,
  rootsBehind,
  type Lineage,
} from './lineage.js';
import { emptyCycle, type Cycle } from './cycle.js';
import type { Started } from './run.js';

const hash = (digit: string): string => digit.repeat(64);
const [anchor, first, second] = [hash('a'), hash('b'), hash('c')];

const judged = (cycle: number, alphaSpent: number): Cycle => ({
  ...emptyCycle(cycle),
  verdict: { cycle, alphaSpent } as NonNullable<Cycle['verdict']>,
});
const run = (name: string, lineage: Lineage, changes: Partial<Started> = {}): Started =>
  ({
    status: 'completed',
    config: { run: name },
    lineage,
    anchor: { checkpoint: anchor },
    champion: first,
    accepted: [anchor, first],
    cycles: [emptyCycle(0), judged(1, 0.25), judged(2, 0.125)],
    ...changes,
  }) as Started;

const parent = run('parent', ownLineage('parent'));
const joined = lineageOf('parent', [parent], 'child');

describe('a lineage', () => {
  it('counts what the parent judged and spent, and keeps its anchor', () => {
    expect(joined).toEqual({ root: 'parent', anchor, judgedBefore: 2, alphaSpentBefore: 0.375 });
  });

  it('counts sisters and their children too, and nothing of other roots', () => {
    const sister = run('sister', joined, { accepted: [first, second] });
    const niece = run('niece', lineageOf('sister', [parent, sister], 'niece'));
    const stranger = run('stranger', ownLineage('stranger'));
    const cousin = lineageOf('parent', [parent, stranger, sister, niece], 'cousin');
    expect(cousin).toEqual({ root: 'parent', anchor, judgedBefore: 6, alphaSpentBefore: 1.125 });
  });

  it.each(['running', 'halted'] as const)('is not joined while one of its runs is %s', (status) => {
    const sister = run('sister', joined, { status });
    expect(() => lineageOf('parent', [parent, sister], 'twin')).toThrow(`run sister of the same lineage is ${status}`);
    expect(() => lineageOf('parent', [run('parent', ownLineage('parent'), { status })], 'twin')).toThrow(
      `is ${status}`,
    );
  });

  it('needs a champion to begin from', () => {
    expect(() => lineageOf('nobody', [parent], 'child')).toThrow('run nobody has no champion');
  });

  it('knows weights that a run promoted, not the anchors that arms may share', () => {
    expect(promotedBy(first, [parent])).toBe('parent');
    expect(promotedBy(anchor, [parent])).toBeUndefined();
  });
});

const reset: DataOf<'AnchorReset'> = {
  anchor: first,
  root: 'parent',
  judged: 2,
  alphaSpent: 0.375,
  reason: 'a new phase',
  requester: 'owner',
  signatures: [],
};
const from = (parentRun: string): Partial<Started> => ({
  config: { run: '', parent: { run: parentRun, champion: first } } as Started['config'],
});
const childOf = (name: string, parentRun: string, lineage: Lineage): Started => {
  const child = run(name, lineage, from(parentRun));
  return {
    ...child,
    anchor: { checkpoint: first } as NonNullable<Started['anchor']>,
    config: { ...child.config, run: name },
  };
};

describe('a lineage that people let start anew', () => {
  const left = run('parent', ownLineage('parent'), { reset });
  const opener = childOf('opener', 'parent', lineageOf('parent', [left], 'opener'));

  it('has the first child for its root, with nothing judged and nothing spent', () =>
    expect(lineageOf('parent', [left], 'opener')).toEqual(ownLineage('opener')));

  it('is joined by every later child, so that one reset gives one balance', () => {
    const joins = lineageOf('parent', [left, opener], 'later');
    expect(joins).toEqual({ root: 'opener', anchor: first, judgedBefore: 2, alphaSpentBefore: 0.375 });
    expect(lineageOf('opener', [left, opener], 'grandchild')).toEqual(joins);
    const open = { ...opener, status: 'running' as const };
    expect(() => lineageOf('parent', [left, open], 'later')).toThrow('run opener of the same lineage is running');
  });

  it('leaves the others of the old lineage on their balance', () => {
    const sister = childOf('sister', 'parent', joined);
    expect(lineageOf('sister', [left, sister, opener], 'niece')).toMatchObject({ root: 'parent', judgedBefore: 4 });
    expect(lineageOf('parent', [left, sister, opener], 'later')).toMatchObject({ root: 'opener', judgedBefore: 2 });
  });

  it('begins from the champion that was signed, and from no other', () => {
    const rolledBack = { ...left, champion: anchor };
    expect(() => lineageOf('parent', [rolledBack], 'opener')).toThrow('roll it back to the one that was signed');
  });

  it('remembers which text its weights have learnt from', () => {
    const grandchild = childOf('grandchild', 'opener', lineageOf('opener', [left, opener], 'grandchild'));
    expect(rootsBehind(grandchild, [left, opener, grandchild])).toEqual(['opener', 'parent']);
    expect(rootsBehind(left, [left])).toEqual(['parent']);
  });
});

describe('resetting an anchor', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = publicHalf(privateKey);
  const key = { name: 'ada', publicKey, keyId: ed25519.fingerprint(publicKey) ?? '', revoked: false };
  const authority = (by: ActorKind = 'human', revoked = false): Authority => ({
    by,
    ring: { keys: [{ ...key, revoked }] },
    signing: ed25519,
  });
  const { reason, requester, root } = reset;
  const statement = resetStatement({ run: 'parent', anchor: first, root, reason });
  const signed: Signed[] = [{ name: 'ada', signature: signStatement(statement, privateKey) }];
  const ask = (signatures: readonly Signed[], who = authority(), runs = [parent], needed = 1) =>
    resetOf('parent', runs, { reason, requester, signatures }, who, needed);

  it('records the champion, what the lineage has spent, and who signed', () => {
    const found = ask(signed);
    expect(found).toEqual({ ...reset, signatures: [{ ...signed[0], keyId: key.keyId }] });
    expect(resetAnchor(found)(parent)).toEqual([{ type: 'AnchorReset', data: found }]);
  });

  it.each(['service', 'trainer', 'evaluator', 'policy'] as const)('is not for a %s', (by) =>
    expect(() => ask(signed, authority(by))).toThrow('only a human may'),
  );

  it('takes no signature of a revoked key, of another run, champion or reason, and not too few', () => {
    expect(() => ask([])).toThrow('at least 1 needed, from ada');
    expect(() => ask(signed, authority('human', true))).toThrow('the key of that name is revoked');
    expect(() => ask(signed, authority(), [parent], 2)).toThrow('at least 2');
    for (const change of [
      { run: 'sister' },
      { anchor: second },
      { root: 'x' },
      { reason: '-' },
      { purpose: 'other' },
    ]) {
      const signature = signStatement({ ...statement, ...change }, privateKey);
      expect(() => ask([{ name: 'ada', signature }])).toThrow('is not one of this statement');
    }
  });

  it('waits for every run of the lineage', () => {
    const sister = run('sister', joined, { status: 'halted' });
    expect(() => ask(signed, authority(), [parent, sister])).toThrow('run sister of the same lineage is halted');
  });

  it.each([
    ['running', { status: 'running' as const }, 'is running'],
    ['awaiting the verification of a rollback', { unverifiedRollback: first }, 'awaits its verification'],
    ['reset already', { reset }, 'was reset already'],
    ['with another champion', { champion: second }, 'is not the champion'],
    ['of another lineage', { lineage: ownLineage('other') }, 'is of the lineage of other'],
  ])('is refused for a run %s', (_state, change, message) =>
    expect(() => resetAnchor(reset)({ ...parent, ...change })).toThrow(message),
  );
});
