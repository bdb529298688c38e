import { generateKeyPairSync } from 'node:crypto';
import type { Authority, Signed } from '#key/domain/signing.js';
import { Refused } from '#ledger/decider.js';
import { ed25519, publicHalf, signStatement } from '#ledger/ed25519.js';
import {
  amendConstitution,
  amendmentStatement,
  changesBetween,
  constitutionAt,
  constitutionStream,
  enactConstitution,
  signersNeeded,
} from './constitution.js';
import { defaultConstitution, type Constitution } from './document.js';
import { ConstitutionAmended, ConstitutionEnacted, type ConstitutionEvent } from './events.js';

const people = ['ada', 'bob'].map((name) => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = publicHalf(privateKey);
  return { name, privateKey, publicKey, keyId: ed25519.fingerprint(publicKey) ?? '', revoked: false };
});
const authority: Authority = { by: 'human', ring: { keys: people }, signing: ed25519 };

const after = (...past: ConstitutionEvent[]) => past.reduce(constitutionStream.evolve, constitutionStream.initial);
const enacted = ConstitutionEnacted.of({ version: 1, document: defaultConstitution });
const longer: Constitution = { ...defaultConstitution, alphaPlan: { ...defaultConstitution.alphaPlan, kMax: 24 } };
const reason = 'a longer study';

const signedBy = (state: ReturnType<typeof after>, document: Constitution, ...names: string[]): Signed[] =>
  people
    .filter(({ name }) => names.includes(name))
    .map(({ name, keyId, privateKey }) => {
      const statement = amendmentStatement(state, { document, reason }, ed25519.digest);
      return { name, keyId, signature: signStatement(statement, privateKey) };
    });
const amend = (state: ReturnType<typeof after>, document: Constitution, ...names: string[]) =>
  amendConstitution({ document, reason, signatures: signedBy(state, document, ...names) }, authority)(state);

describe('constitution', () => {
  it('is enacted once', () => {
    expect(enactConstitution(defaultConstitution)(after())).toEqual([enacted]);
    expect(() => enactConstitution(defaultConstitution)(after(enacted))).toThrow(Refused);
  });

  it('is refused with the field at fault', () => {
    const broken = { ...defaultConstitution, alphaPlan: { ...defaultConstitution.alphaPlan, alpha: 2 } };
    expect(() => enactConstitution(broken)(after())).toThrow('alphaPlan.alpha');
  });

  it('is amended by a new version that says what changed and who signed it', () => {
    const state = after(enacted);
    const [event] = amend(state, longer, 'ada');
    expect(event?.data).toEqual({
      version: 2,
      document: longer,
      changes: [{ path: 'alphaPlan.kMax', before: '12', after: '24' }],
      reason,
      signatures: signedBy(state, longer, 'ada'),
    });
  });

  it('keeps every version as it was', () => {
    const state = after(enacted, ...amend(after(enacted), longer, 'ada'));
    expect(constitutionAt(state, 1)).toEqual(defaultConstitution);
    expect(constitutionAt(state)).toEqual(longer);
    expect(() => constitutionAt(state, 3)).toThrow('version 3 does not exist: there are 2');
    expect(() => constitutionAt(after())).toThrow(Refused);
  });

  it.each(['service', 'trainer', 'evaluator', 'policy'] as const)('cannot be amended by a %s, signed or not', (by) => {
    const state = after(enacted);
    const signatures = signedBy(state, longer, 'ada');
    const asked = amendConstitution({ document: longer, reason, signatures }, { ...authority, by });
    expect(() => asked(state)).toThrow('only a human may');
  });

  it('takes no signature of another document, reason, version or constitution', () => {
    const state = after(enacted);
    const signatures = signedBy(state, longer, 'ada');
    const shorter: Constitution = { ...longer, alphaPlan: { ...longer.alphaPlan, kMax: 6 } };
    const refused = 'is not one of this statement';
    expect(() => amendConstitution({ document: shorter, reason, signatures }, authority)(state)).toThrow(refused);
    expect(() => amendConstitution({ document: longer, reason: '-', signatures }, authority)(state)).toThrow(refused);
    const later = after(enacted, ...amend(state, shorter, 'bob'));
    expect(() => amendConstitution({ document: longer, reason, signatures }, authority)(later)).toThrow(refused);
    const other = { ...defaultConstitution, name: 'other' };
    const elsewhere = after(ConstitutionEnacted.of({ version: 1, document: other }));
    const renamed = { ...longer, name: 'other' };
    expect(() => amendConstitution({ document: renamed, reason, signatures }, authority)(elsewhere)).toThrow(refused);
  });

  it('needs as many people as the version in force says, and one where it says nothing', () => {
    const without = { ...defaultConstitution, rules: defaultConstitution.rules.filter((r) => r.kind !== 'PROCEDURAL') };
    expect(signersNeeded(without)).toBe(1);
    const rules = defaultConstitution.rules.map((rule) =>
      rule.kind === 'PROCEDURAL' ? { ...rule, atLeast: 2 } : rule,
    );
    const strict = after(ConstitutionEnacted.of({ version: 1, document: { ...defaultConstitution, rules } }));
    expect(() => amend(strict, longer)).toThrow('there are 0; at least 2');
    expect(() => amend(strict, longer, 'ada')).toThrow('there is 1; at least 2');
    expect(amend(strict, longer, 'ada', 'bob')).toHaveLength(1);
    expect(() => amend(after(enacted), without)).toThrow('at least 1');
  });

  it('is not amended before it is enacted, nor by nothing', () => {
    expect(() => amend(after(), longer, 'ada')).toThrow('enact one first');
    const reordered = { ...defaultConstitution, rules: [...defaultConstitution.rules].reverse() };
    expect(() => amend(after(enacted), reordered, 'ada')).toThrow('changes nothing');
  });

  it('says which rule came, went or changed', () => {
    const rules = defaultConstitution.rules
      .filter((rule) => rule.rule !== 'capability-rises')
      .map((rule) => (rule.rule === 'drift-within-budget' ? { ...rule, atMost: 0.04 } : rule));
    expect(changesBetween(defaultConstitution, { ...defaultConstitution, rules })).toMatchObject([
      { path: 'rules.capability-rises', after: null },
      { path: 'rules.drift-within-budget.atMost', before: '0.05', after: '0.04' },
    ]);
  });

  it('is stored in a record as it was decided', () => {
    const [event] = amend(after(enacted), longer, 'ada');
    const stored = JSON.parse(JSON.stringify(ConstitutionAmended.encode(event?.data)));
    expect(ConstitutionAmended.decode(stored)).toEqual(event);
  });
});

describe('an amendment of the time before keys', () => {
  it('is read as one that nobody signed', () => {
    const changes = [{ path: 'alphaPlan.kMax', before: '12', after: '24' }];
    const data = { version: 2, document: longer, changes, reason, approvals: ['ada'] };
    const read = ConstitutionAmended.decode({ type: 'ConstitutionAmended', version: 1, data }).data;
    expect(read).toEqual({ version: 2, document: longer, changes, reason, signatures: [] });
  });
});
