import { constitutionInputSchema, defaultConstitution } from './document.js';
import { explainConstitution } from './explain.js';

const sentencesOf = (document: object): readonly string[] =>
  explainConstitution(constitutionInputSchema.parse(document)).rules.map(({ sentence }) => sentence);
const withRule = (rule: object): object => ({ rules: [...defaultConstitution.rules, rule] });
const compared = { metric: 'capability', measure: 'accuracy', reference: 'champion' };

describe('a constitution explained', () => {
  it('has one sentence for each rule, all different', () => {
    const sentences = sentencesOf({});
    expect(sentences).toHaveLength(defaultConstitution.rules.length);
    expect(new Set(sentences).size).toBe(sentences.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    [
      { rule: 'gain', kind: 'SUPERIORITY', ...compared, largestLoss: 0.1 },
      "Capability (accuracy) is shown to be better than the champion's, and no block loses more than 10 points.",
    ],
    [
      { rule: 'step', kind: 'PROGRESS', ...compared, above: 0.01 },
      "Capability (accuracy) is on average more than 1 points better than the champion's, without proof; else the verdict is INCONCLUSIVE.",
    ],
    [
      { rule: 'three-people', kind: 'PROCEDURAL', requirement: 'amendments-approved-by-humans', atLeast: 3 },
      'An amendment of this document, or a reset of an anchor, is signed by at least 3 different people.',
    ],
  ])('says what %j asks for', (rule, sentence) => expect(sentencesOf(withRule(rule))).toContain(sentence));

  it('says the scope field by field, and what a verdict costs', () => {
    const { scope, alpha } = explainConstitution(defaultConstitution);
    expect(scope).toHaveLength(15);
    expect(scope.at(-1)).toMatch(/^text that a model wrote: at most 25%/);
    expect(scope).toContain('learningRate: 0.000001 to 0.02');
    expect(alpha.join(' ')).toMatch(
      /12 candidates judged; every verdict costs 0\.00417 of alpha 0\.05.* reaches 240 to 1/,
    );
  });
});
