import { backedOff } from './adaptation.js';
import { regimeViolations, constitutionInputSchema, constitutionSchema, defaultConstitution } from './document.js';
import { conservative, regimeSchema } from './regime.js';

const half = { learningRate: 0.5, steps: 0.5 };

describe('a regime that backs off', () => {
  it('pulls with half the rate for half the steps, and says so in its label', () => {
    expect(backedOff(conservative, half, defaultConstitution.scope)).toEqual({
      ...conservative,
      label: 'conservative-backed-off',
      learningRate: 0.001,
      steps: 75,
    });
  });

  it('stays a regime, and within the scope', () => {
    const { scope } = defaultConstitution;
    const narrow = {
      ...scope,
      regime: { ...scope.regime, learningRate: { min: 0.0015, max: 0.02 }, steps: { min: 100.5, max: 200 } },
    };
    const least = backedOff({ ...conservative, label: 'x'.repeat(63), warmupSteps: 149 }, half, narrow);
    expect(least).toMatchObject({ learningRate: 0.0015, steps: 101, warmupSteps: 100 });
    expect(regimeSchema.parse(least).label).toHaveLength(63);
    expect(regimeViolations({ ...defaultConstitution, scope: narrow }, least)).toEqual([]);
    expect(backedOff({ ...conservative, steps: 1, warmupSteps: 0 }, half, scope)).toMatchObject({
      steps: 1,
      warmupSteps: 0,
    });
  });
});

describe('what a constitution says of rejected updates', () => {
  it('is no rescue, a back-off after three and then a halt, unless it says otherwise', () => {
    expect(defaultConstitution).toMatchObject({
      rescue: { interpolate: false },
      stall: { after: 3, backOff: { learningRate: 0.5, steps: 0.5 } },
    });
    const asked = constitutionInputSchema.parse({ rescue: { interpolate: true }, stall: { after: 5 } });
    expect(asked).toMatchObject({ rescue: { interpolate: true }, stall: { after: 5, backOff: half } });
    expect(constitutionInputSchema.parse({ stall: null }).stall).toBeNull();
    expect(constitutionInputSchema.parse({ stall: { backOff: null } }).stall).toEqual({ after: 3, backOff: null });
  });

  it('raises no rate and adds no steps', () => {
    const harder = { ...defaultConstitution, stall: { after: 3, backOff: { learningRate: 1.5, steps: 1 } } };
    expect(constitutionSchema.safeParse(harder).error?.issues[0]?.path).toEqual(['stall', 'backOff', 'learningRate']);
  });
});
