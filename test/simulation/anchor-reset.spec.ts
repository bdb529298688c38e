import { checkApprovals } from '#audit/check-approvals.js';
import { rejudgeRun } from '#audit/rejudge.js';
import { rejudgeAll } from '#audit/rejudge-all.js';
import { replayRun } from '#audit/replay-run.js';
import { OverlayArtifacts, type Scratch } from '#audit/scratch.js';
import { AmendConstitution, AmendConstitutionHandler } from '#constitution/amend-constitution.js';
import { amendmentStatement, constitutionStream } from '#constitution/domain/constitution.js';
import { constitutionInputSchema } from '#constitution/domain/document.js';
import { Turn } from '#doors/turn.js';
import type { Signed } from '#key/domain/signing.js';
import { ed25519 } from '#ledger/ed25519.js';
import { fold, Ledger } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import type { Record } from '#ledger/record.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { ResetAnchor, ResetAnchorHandler } from '#loop/reset-anchor.js';
import { loadRun } from '#loop/run-context.js';
import { advanceRun } from '#loop/run-loop.js';
import { resetStatement } from '#run/domain/lineage.js';
import type { Started } from '#run/domain/run.js';
import { CountedClock } from '#store/counted-clock.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { RandomIds } from '#store/random-ids.js';
import { Keys, person } from './people.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const ports = smallPorts();
const [ada, bob, eve] = [person('ada'), person('bob'), person('eve')];
const keys = new Keys(ports.ledger);
const handler = new ResetAnchorHandler(ports, new Turn());
const reason = 'a new phase';

const finished = async (run: string, changes: object): Promise<Started> => {
  await begin(ports, smallFile(run, { cycles: 1, ...changes }));
  return advanceRun(ports, run);
};
const statementOf = async (run: string) => {
  const { champion = '', lineage } = await loadRun(ports, run);
  return resetStatement({ run, anchor: champion, root: lineage.root, reason });
};
const reset = (run: string, signatures: readonly Signed[]) =>
  handler.execute(new ResetAnchor(run, reason, signatures, { requester: 'owner' }));

let mother: Started;

beforeAll(async () => {
  mother = await finished('mother', {});
  await keys.register(ada);
  await keys.register(eve, ada);
  await keys.revoke(eve);
}, 60_000);
afterAll(() => ports.shadow.close());

describe('an anchor is reset by people alone', () => {
  it('not without a signature, nor by a key that is unknown or revoked, nor by a signature of something else', async () => {
    const statement = await statementOf('mother');
    await expect(reset('mother', [])).rejects.toThrow('at least 1 needed, from ada');
    await expect(reset('mother', [bob.signs(statement)])).rejects.toThrow('no key has that name');
    await expect(reset('mother', [eve.signs(statement)])).rejects.toThrow('the key of that name is revoked');
    const other = ada.signs({ ...statement, reason: 'something else' });
    await expect(reset('mother', [other])).rejects.toThrow('is not one of this statement');
    expect((await loadRun(ports, 'mother')).reset).toBeUndefined();
  });

  it('not while a run of the lineage is under way', async () => {
    await begin(ports, smallFile('under-way', { cycles: 1, parent: 'mother' }));
    const signed = ada.signs(await statementOf('mother'));
    await expect(reset('mother', [signed])).rejects.toThrow('run under-way of the same lineage is running');
    await advanceRun(ports, 'under-way');
  }, 60_000);

  it('once it is, the children of the run are a lineage of their own, with alpha anew', async () => {
    const recorded = await reset('mother', [ada.signs(await statementOf('mother'))]);
    expect(recorded).toMatchObject({ anchor: mother.champion, root: 'mother', judged: 2 });
    const opener = await finished('opener', { parent: 'mother' });
    expect(opener.lineage).toEqual({ root: 'opener', anchor: null, judgedBefore: 0, alphaSpentBefore: 0 });
    expect(opener.anchor?.checkpoint).toBe(mother.champion);
    expect(opener.cycles[1]?.verdict).toMatchObject({ lineageIndex: 1 });
    const later = await finished('later', { parent: 'mother' });
    expect(later.lineage).toMatchObject({ root: 'opener', anchor: mother.champion, judgedBefore: 1 });
    const niece = await finished('niece', { parent: 'under-way' });
    expect(niece.lineage).toMatchObject({ root: 'mother', anchor: mother.anchor?.checkpoint, judgedBefore: 2 });
    await expect(reset('mother', [ada.signs(await statementOf('mother'))])).rejects.toThrow('was reset already');
  }, 90_000);

  it('keeps the plan that its first run has, which may be another than before', async () => {
    const constitution = { name: 'rich', alphaPlan: { alpha: 0.5, kMax: 6 } };
    await expect(begin(ports, smallFile('richer', { parent: 'mother', constitution }))).rejects.toThrow(
      /alphaPlan.*the lineage of opener/,
    );
    await reset('later', [ada.signs(await statementOf('later'))]);
    const rich = await finished('richer', { parent: 'later', constitution });
    expect(rich.lineage).toMatchObject({ root: 'richer', judgedBefore: 0 });
  }, 60_000);
});

describe('a lineage keeps its constitution', () => {
  const stricter = {
    name: 'lenient',
    alphaPlan: { alpha: 0.5, kMax: 4 },
    scope: { regime: { steps: { min: 1, max: 1000 } } },
  };

  it('of which people may bring a later version, and a run none before', async () => {
    const { state } = await fold(ports.ledger.log, constitutionStream, 'lenient');
    const document = constitutionInputSchema.parse(stricter);
    const statement = amendmentStatement(state, { document, reason }, ed25519.digest);
    const amend = new AmendConstitution(stricter, reason, [ada.signs(statement)], { requester: 'owner' });
    expect(await new AmendConstitutionHandler(ports.ledger, new Turn()).execute(amend)).toMatchObject({ version: 2 });
    const third = await finished('third', { parent: 'opener', constitution: stricter });
    expect(third.config.constitution).toEqual({ id: 'lenient', version: 2 });
    await expect(begin(ports, smallFile('fourth', { parent: 'opener' }))).rejects.toThrow(
      /what version 1 of "lenient" says; the lineage of opener is at version 2/,
    );
  }, 60_000);
});

describe('an auditor, from the log alone', () => {
  it('comes to the same lineages, signatures and verdicts', async () => {
    const { disagreements, unjudged, approvals } = await rejudgeAll(ports);
    expect({ disagreements, unjudged, unlawful: approvals.unlawful }).toEqual({
      disagreements: [],
      unjudged: [],
      unlawful: [],
    });
    // Two keys, a revocation, two constitutions, an amendment, two resets.
    expect(approvals.checked).toBe(8);
  });

  it('replays the run with its reset', async () => {
    const ledger = new Ledger(new MemoryLog(), new CountedClock(), new RandomIds());
    const scratch: Scratch = { ledger, artifacts: new OverlayArtifacts(new MemoryArtifacts(), ports.artifacts) };
    const replayed = await replayRun(ports, 'mother', scratch);
    expect(replayed.divergence).toBeNull();
    expect(replayed.runDigest?.replayed).toBe(replayed.runDigest?.recorded);
  }, 60_000);

  /** The log written again with every record as a forger wants it; undefined leaves one out. */
  const rewritten = async (forger: (record: Record) => Record | undefined): Promise<Log> => {
    const log = new MemoryLog();
    const next = new Map<string, number>();
    for await (const { record } of ports.ledger.log.readAll()) {
      const changed = forger(record);
      if (!changed) continue;
      const { stream, revision: _old, ...proposed } = changed;
      const revision = next.get(stream) ?? 0;
      await log.append(stream, revision === 0 ? 'no-stream' : revision - 1, [proposed]);
      next.set(stream, revision + 1);
    }
    return log;
  };
  const forged = async (forger: (record: Record) => Record | undefined) =>
    (await checkApprovals(await rewritten(forger))).unlawful;
  const misjudged = async (run: string, forger: (record: Record) => Record | undefined) => {
    const log = await rewritten(forger);
    const { artifacts, trainer, weights, primary, shadow, listener, reference } = ports;
    const ledger = new Ledger(log, new CountedClock(), new RandomIds());
    const again = new LoopPorts(ledger, artifacts, trainer, weights, primary, shadow, listener, reference);
    return (await rejudgeRun(again, run)).disagreements.map(({ what }) => what);
  };
  const changing = (type: string, change: (record: Record) => Partial<Record>) => (record: Record) =>
    record.type === type ? { ...record, ...change(record) } : record;

  it.each([
    ['by the loop', () => ({ actor: { kind: 'service', id: 'loop', build: 'x' } as const }), 'only a human may'],
    [
      'for another reason',
      ({ data }: Record) => ({ data: { ...data, reason: 'other' } }),
      'is not one of this statement',
    ],
    ['of other weights', ({ data }: Record) => ({ data: { ...data, anchor: 'a'.repeat(64) } }), 'written otherwise'],
    ['of a lineage that spent less', ({ data }: Record) => ({ data: { ...data, judged: 0 } }), 'written otherwise'],
    [
      'by a key that is not registered',
      ({ data }: Record) => ({ data: { ...data, signatures: [{ ...eve.signs({ purpose: '' }), keyId: eve.keyId }] } }),
      'the key of that name is revoked',
    ],
  ])('finds a reset %s', async (_what, change, because) => {
    const found = await forged(changing('AnchorReset', change));
    expect(found[0]).toMatchObject({ stream: 'run-mother', type: 'AnchorReset' });
    expect(found[0]?.because.replace('the rules write it otherwise', 'written otherwise')).toContain(because);
  });

  it('finds a signature whose key is registered or revoked at another place, and a key that nobody signed', async () => {
    const all = (found: Awaited<ReturnType<typeof forged>>) => found.map(({ type, because }) => `${type}: ${because}`);
    expect(all(await forged((record) => (record.stream === 'keys' ? undefined : record)))).toEqual([
      expect.stringMatching(/^AnchorReset: .*no key has that name/),
      expect.stringMatching(/^AnchorReset: .*no key has that name/),
      expect.stringMatching(/^ConstitutionAmended: .*no key has that name/),
    ]);
    const unsigned = changing('KeyRegistered', ({ data }) => ({ data: { ...data, signatures: [] } }));
    expect(all(await forged(unsigned))).toEqual([
      expect.stringMatching(/^KeyRegistered: .*at least 1 needed, from ada/),
    ]);
    const other = changing('KeyRevoked', ({ data }) => ({ data: { ...data, name: 'ada', keyId: ada.keyId } }));
    expect(all(await forged(other))).toEqual([
      expect.stringMatching(/^AnchorReset: .*is revoked/),
      expect.stringMatching(/^AnchorReset: .*is revoked/),
      expect.stringMatching(/^ConstitutionAmended: .*is revoked/),
    ]);
  });

  it('finds a lineage that starts anew without a reset, and one under other rules', async () => {
    const reset = (record: Record): boolean => record.type === 'AnchorReset' && record.stream === 'run-mother';
    expect(await misjudged('opener', (record) => (reset(record) ? undefined : record))).toContain('lineage');
    const other = { constitution: { id: 'rich', version: 1 } };
    const ruled = changing('RunStarted', ({ stream, data }) =>
      stream === 'run-under-way' ? { data: { ...data, config: { ...(data['config'] as object), ...other } } } : {},
    );
    expect(await misjudged('under-way', ruled)).toContain('constitution');
    expect(await misjudged('under-way', (record) => record)).toEqual([]);
  }, 60_000);

  it('finds a run that begins under a version not yet in force', async () => {
    const found = await forged((record) => (record.stream === 'constitution-rich' ? undefined : record));
    expect(found[0]).toMatchObject({ stream: 'run-richer', because: expect.stringContaining('not yet') });
  });
});
