import { lintConstitution } from './lint-constitution.js';

const fieldsOf = (input: unknown): readonly string[] => lintConstitution(input).problems.map(({ field }) => field);

describe('linting a document', () => {
  it('finds nothing wrong with one that leaves everything out', () =>
    expect(lintConstitution({})).toEqual({ problems: [], warnings: [] }));

  it('names every problem at once, each with its value and what is allowed', () => {
    const { problems } = lintConstitution({
      alphaPlan: { alpha: 2 },
      scope: { regime: { steps: { min: 9, max: 1 }, stepz: 1, batsh: 1 }, allocationPolicies: ['greedy'] },
      colour: 'red',
    });
    expect(problems.map(({ field, value }) => [field, value])).toEqual(
      expect.arrayContaining([
        ['alphaPlan.alpha', 2],
        ['scope.regime.stepz', 1],
        ['scope.regime.batsh', 1],
        ['scope.allocationPolicies.0', 'greedy'],
        ['colour', 'red'],
      ]),
    );
    for (const { field, allowed, sentence } of problems) {
      expect(allowed).not.toBe('');
      expect(sentence).toContain(field);
    }
  });

  it('says what a list of rules lacks beside what is wrong elsewhere, and each once', () => {
    const fields = fieldsOf({ alphaPlan: { kMax: 0 }, rules: [] });
    expect(fields).toEqual(['alphaPlan.kMax', 'rules', 'rules', 'rules', 'rules']);
    expect(fieldsOf({ rules: [] })).toEqual(['rules', 'rules', 'rules', 'rules']);
  });

  it('looks into the form of a rule that was meant', () => {
    const rule = { rule: 'x', kind: 'BUDGET', quantity: 'steps', atMost: -1 };
    expect(fieldsOf({ rules: [rule] })[0]).toBe('rules.0.atMost');
  });

  it.each([null, 7, 'text', []])('is total: %j', (input) => expect(fieldsOf(input)).toHaveLength(1));
});
