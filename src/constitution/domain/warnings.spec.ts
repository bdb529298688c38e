import { constitutionInputSchema, defaultConstitution } from './document.js';
import { plannedMetrics } from './power.js';
import { warningsOf } from './warnings.js';

const regime = (changes: object): object => ({ scope: { regime: changes } });
const budget = (quantity: string, atMost: number): object => ({
  rules: defaultConstitution.rules.map((rule) =>
    rule.kind === 'BUDGET' && rule.quantity === quantity ? { ...rule, atMost } : rule,
  ),
});
const warned = (document: object) =>
  warningsOf(constitutionInputSchema.parse(document), plannedMetrics, { simulations: 20 });

describe('warnings', () => {
  it('has none about the default', () => expect(warned({})).toEqual([]));

  it('names an alarm that nobody answers', () =>
    expect(warned({ onDrift: 'go-on' })).toEqual([
      { path: 'onDrift', sentence: expect.stringMatching(/^onDrift: go-on lets general quality creep away/) },
    ]));

  it.each([
    [
      'steps',
      { ...budget('steps', 5), ...regime({ steps: { min: 10, max: 20 } }) },
      'rules.steps-within-budget.atMost',
    ],
    ['tokens', { ...budget('tokens', 63) }, 'rules.tokens-within-budget.atMost'],
    ['no drift at all', budget('klNatsPerByte', 0), 'rules.drift-within-budget.atMost'],
    ['weights that may not move', budget('weightRatio', 0), 'rules.weights-within-budget.atMost'],
  ])('names a budget that nothing can meet: %s', (_what, document, path) =>
    expect(warned(document)).toContainEqual({ path, sentence: expect.stringContaining(`${path}: `) }),
  );

  it.each([
    ['more steps than the budget', regime({ steps: { min: 1, max: 3_000 } }), 'scope.regime.steps.max', '2000'],
    ['a batch beyond the tokens', budget('tokens', 6_400), 'scope.regime.batch.max', '100'],
    ['no multiple of 64', regime({ sequence: { min: 65, max: 127 } }), 'scope.regime.sequence', 'no regime'],
    [
      'a warm-up as long as the update',
      regime({ warmupSteps: { min: 2_000, max: 2_000 } }),
      'scope.regime.warmupSteps.min',
      'no regime',
    ],
    [
      'a batch of general text without KL',
      regime({ klBeta: { min: 0, max: 0 } }),
      'scope.regime.generalBatch',
      'klBeta',
    ],
    ['KL without general text', regime({ generalBatch: { min: 0, max: 0 } }), 'scope.regime.klBeta', 'generalBatch'],
    [
      'nothing but frozen',
      { scope: { allocationPolicies: ['frozen'] } },
      'scope.allocationPolicies',
      'nothing is ever',
    ],
  ])('names a range of which a part is never used: %s', (_what, document, path, words) =>
    expect(warned(document)).toContainEqual({ path, sentence: expect.stringContaining(words) }),
  );

  it('says how far the evidence goes of units that are too few for a share of alpha', () => {
    const document = constitutionInputSchema.parse({});
    const few = [
      { metric: 'general-bits-per-byte', units: 20, sd: 0.03, referenceMean: 2.5 },
      { metric: 'capability', units: 160, sd: 0.025, referenceMean: 0.3 },
    ];
    const found = warningsOf(document, few);
    expect(found.map(({ path }) => path)).toEqual(['alphaPlan', 'rules']);
    expect(found[0]?.sentence).toMatch(/evidence of 240 to 1; for general-quality-kept, 20 documents .* reach \d/);
    expect(found[1]?.sentence).toMatch(/fewer than half/);
  });
});
