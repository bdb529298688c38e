import {
  constitutionInputSchema,
  constitutionSchema,
  defaultConstitution,
  policyViolations,
  regimeViolations,
} from './document.js';
import { aggressive, conservative, regimeSchema } from './regime.js';
import { syntheticViolations } from './scope.js';

const messageOf = (document: unknown): string => {
  const result = constitutionSchema.safeParse(document);
  return result.success ? 'valid' : (result.error.issues[0]?.message ?? '');
};
const without = (rule: string) => defaultConstitution.rules.filter((each) => each.rule !== rule);

describe('the document', () => {
  it('is the default where nothing is written', () =>
    expect(constitutionInputSchema.parse({})).toEqual(defaultConstitution));

  it('takes single fields of the plan and the scope', () => {
    const written = { alphaPlan: { kMax: 24 }, scope: { regime: { steps: { min: 10, max: 90 } } } };
    const document = constitutionInputSchema.parse(written);
    expect(document.alphaPlan).toEqual({ alpha: 0.05, kMax: 24, rejectAlpha: 0.05 });
    expect(document.scope.regime.steps).toEqual({ min: 10, max: 90 });
    expect(document.scope.regime.batch).toEqual(defaultConstitution.scope.regime.batch);
  });

  it('adds a rule for the short form', () => {
    const { rules } = constitutionInputSchema.parse({ superiority: 'champion' });
    expect(rules.at(-1)).toMatchObject({ rule: 'capability-superior', kind: 'SUPERIORITY', reference: 'champion' });
  });

  it('survives JSON', () =>
    expect(constitutionSchema.parse(JSON.parse(JSON.stringify(defaultConstitution)))).toEqual(defaultConstitution));

  it.each([
    ['weights-finite', 'weights-finite'],
    ['architecture-unchanged', 'architecture-unchanged'],
    ['evaluators-agree', 'at least 2 agreeing-evaluators'],
    ['general-quality-kept', 'NON-INFERIORITY rule of bits per byte or accuracy against the anchor'],
  ])('cannot leave out the rule %s', (rule, message) =>
    expect(messageOf({ ...defaultConstitution, rules: without(rule) })).toContain(message),
  );

  it('names a rule once, and not as a built-in one', () => {
    const [first] = defaultConstitution.rules;
    expect(messageOf({ ...defaultConstitution, rules: [...defaultConstitution.rules, first] })).toContain('used twice');
    const taken = { rule: 'alpha-balance', kind: 'BUDGET', quantity: 'steps', atMost: 1 };
    expect(messageOf({ ...defaultConstitution, rules: [...defaultConstitution.rules, taken] })).toContain('built in');
  });

  it('needs room between margin and largest loss', () => {
    const rules = defaultConstitution.rules.map((rule) =>
      rule.rule === 'capability-kept' ? { ...rule, margin: { absolute: 0.15 } } : rule,
    );
    expect(messageOf({ ...defaultConstitution, rules })).toContain('above the margin 0.15');
  });

  it.each([{ alpha: NaN }, { alpha: 0 }, { alpha: 0.9 }, { kMax: 0 }, { kMax: 1.5 }, { rejectAlpha: Infinity }])(
    'refuses the plan %p',
    (change) =>
      expect(
        messageOf({ ...defaultConstitution, alphaPlan: { ...defaultConstitution.alphaPlan, ...change } }),
      ).not.toBe('valid'),
  );

  it('refuses a field it does not know', () =>
    expect(messageOf({ ...defaultConstitution, exceptions: [] })).toContain('exceptions'));
});

describe('the scope', () => {
  it('permits both named regimes, so that the judge has to tell them apart', () => {
    expect(regimeViolations(defaultConstitution, regimeSchema.parse(conservative))).toEqual([]);
    expect(regimeViolations(defaultConstitution, regimeSchema.parse(aggressive))).toEqual([]);
  });

  it('names every field outside it, with what is allowed', () => {
    const regime = {
      ...conservative,
      learningRate: 0.021,
      l2spLambda: 11,
      trustRegion: { klNatsPerByte: 2, weightRatio: 0.2 },
    };
    expect(regimeViolations(defaultConstitution, regime)).toEqual([
      { field: 'learningRate', value: 0.021, allowed: '0.000001 to 0.02' },
      { field: 'l2spLambda', value: 11, allowed: '0 to 10' },
      { field: 'trustRegion.klNatsPerByte', value: 2, allowed: '0.0001 to 0.1' },
    ]);
  });

  it('refuses a number that is none', () =>
    expect(regimeViolations(defaultConstitution, { ...conservative, klBeta: NaN })).toMatchObject([
      { field: 'klBeta' },
    ]));

  it('counts tokens before they are spent', () => {
    const regime = { ...conservative, batch: 256, steps: 200 };
    expect(regimeViolations(defaultConstitution, regime)).toEqual([
      { field: 'tokens', value: 6_553_600, allowed: '0 to 4000000' },
    ]);
  });

  it('may limit text that a model wrote, new and remembered', () => {
    const { scope } = defaultConstitution;
    const weightsPpm = { sort: 400_000, made: 500_000, english: 100_000 };
    const share = (replayPpm: number, written: readonly string[], remembered = 0) => {
      const replayWeightsPpm = { english: 1_000_000 - remembered, made: remembered };
      return syntheticViolations(scope, { replayPpm }, { weightsPpm, replayWeightsPpm }, new Set(written));
    };
    expect(share(500_000, ['made'])).toEqual([]);
    expect(share(500_000, ['made'], 1_000)).toEqual([
      { field: 'syntheticTextPpm', value: 250_500, allowed: 'at most 250000' },
    ]);
    expect(share(0, ['english'])).toEqual([]);
    expect(share(0, ['made', 'elsewhere'])).toEqual([
      { field: 'syntheticTextPpm', value: 500_000, allowed: 'at most 250000' },
    ]);
  });

  it('may require a trust region, a decay, a policy', () => {
    const { scope } = defaultConstitution;
    const trustRegion = { ...scope.regime.trustRegion, required: true };
    const regime = { ...scope.regime, decay: ['linear' as const], trustRegion };
    const strict = { ...defaultConstitution, scope: { ...scope, regime, allocationPolicies: ['uniform' as const] } };
    expect(regimeViolations(strict, aggressive)).toEqual([
      { field: 'decay', value: 'constant', allowed: 'linear' },
      { field: 'trustRegion', value: null, allowed: 'required' },
    ]);
    expect(policyViolations(strict, 'uniform')).toEqual([]);
    expect(policyViolations(strict, 'uncertainty')).toEqual([
      { field: 'allocation.policy', value: 'uncertainty', allowed: 'uniform' },
    ]);
  });
});

describe('the regime', () => {
  it.each([
    [{ warmupSteps: 150 }, 'less than steps'],
    [{ generalBatch: 0 }, 'go together'],
    [{ klBeta: 0 }, 'go together'],
    [{ sequence: 100 }, 'multiple of 64'],
    [{ learningRate: Infinity }, 'number'],
    [{ momentum: 0.9 }, 'momentum'],
  ])('refuses %p', (change, message) => {
    const result = regimeSchema.safeParse({ ...conservative, ...change });
    expect(result.error?.issues[0]?.message).toContain(message);
  });
});
