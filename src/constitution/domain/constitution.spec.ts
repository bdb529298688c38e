import { Refused } from '#ledger/decider.js';
import {
  amendConstitution,
  constitutionAt,
  constitutionStream,
  enactConstitution,
  type Amendment,
} from './constitution.js';
import { defaultConstitution, type Constitution } from './document.js';
import { ConstitutionAmended, ConstitutionEnacted, type ConstitutionEvent } from './events.js';

const after = (...past: ConstitutionEvent[]) => past.reduce(constitutionStream.evolve, constitutionStream.initial);
const enacted = ConstitutionEnacted.of({ version: 1, document: defaultConstitution });
const longer: Constitution = { ...defaultConstitution, alphaPlan: { ...defaultConstitution.alphaPlan, kMax: 24 } };
const amendment: Amendment = { document: longer, reason: 'a longer study', approvals: ['ada'], by: 'human' };
const amended = ConstitutionAmended.of({
  version: 2,
  document: longer,
  changes: [{ path: 'alphaPlan.kMax', before: '12', after: '24' }],
  reason: 'a longer study',
  approvals: ['ada'],
});

describe('constitution', () => {
  it('is enacted once', () => {
    expect(enactConstitution(defaultConstitution)(after())).toEqual([enacted]);
    expect(() => enactConstitution(defaultConstitution)(after(enacted))).toThrow(Refused);
  });

  it('is refused with the field at fault', () => {
    const broken = { ...defaultConstitution, alphaPlan: { ...defaultConstitution.alphaPlan, alpha: 2 } };
    expect(() => enactConstitution(broken)(after())).toThrow('alphaPlan.alpha');
  });

  it('is amended by a new version that says what changed', () =>
    expect(amendConstitution(amendment)(after(enacted))).toEqual([amended]));

  it('keeps every version as it was', () => {
    const state = after(enacted, amended);
    expect(constitutionAt(state, 1)).toEqual(defaultConstitution);
    expect(constitutionAt(state)).toEqual(longer);
    expect(() => constitutionAt(state, 3)).toThrow('version 3 does not exist: there are 2');
    expect(() => constitutionAt(after())).toThrow(Refused);
  });

  it('cannot be amended by the loop', () =>
    expect(() => amendConstitution({ ...amendment, by: 'policy' })(after(enacted))).toThrow('only a human may'));

  it('counts every approver once', () => {
    const rules = defaultConstitution.rules.map((rule) =>
      rule.kind === 'PROCEDURAL' ? { ...rule, atLeast: 2 } : rule,
    );
    const strict = ConstitutionEnacted.of({ version: 1, document: { ...defaultConstitution, rules } });
    const twice = { ...amendment, approvals: ['ada', 'ada'] };
    expect(() => amendConstitution(twice)(after(strict))).toThrow('1 approvals: 2 are needed');
    expect(amendConstitution({ ...twice, approvals: ['ada', 'bob'] })(after(strict))).toHaveLength(1);
  });

  it('is not amended before it is enacted, nor by nothing', () => {
    expect(() => amendConstitution(amendment)(after())).toThrow('enact one first');
    const reordered = { ...defaultConstitution, rules: [...defaultConstitution.rules].reverse() };
    expect(() => amendConstitution({ ...amendment, document: reordered })(after(enacted))).toThrow('changes nothing');
  });

  it('says which rule came, went or changed', () => {
    const rules = defaultConstitution.rules
      .filter((rule) => rule.rule !== 'capability-rises')
      .map((rule) => (rule.rule === 'drift-within-budget' ? { ...rule, atMost: 0.04 } : rule));
    const [event] = amendConstitution({ ...amendment, document: { ...defaultConstitution, rules } })(after(enacted));
    expect(event?.type === 'ConstitutionAmended' && event.data.changes).toMatchObject([
      { path: 'rules.capability-rises', after: null },
      { path: 'rules.drift-within-budget.atMost', before: '0.05', after: '0.04' },
    ]);
  });

  it('is stored in a record as it was decided', () => {
    const stored = JSON.parse(JSON.stringify(ConstitutionAmended.encode(amended.data)));
    expect(ConstitutionAmended.decode(stored)).toEqual(amended);
  });
});
