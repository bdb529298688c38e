import type { Constitution } from './document.js';
import { alphaShare } from './judge.js';
import { ruleKinds, type PairedRule, type Rule, type RuleOf } from './rules.js';
import { rangedFields } from './scope.js';
import { claim, size, spoken } from './wording.js';

/** A constitution for people: one plain sentence for each rule, the scope field by field, and what chance of error costs. */
export type Explained = Readonly<{
  name: string;
  rules: readonly Readonly<{ rule: string; kind: Rule['kind']; sentence: string }>[];
  scope: readonly string[];
  alpha: readonly string[];
  /** What follows a rejection. */
  rejection: readonly string[];
}>;

const people = (count: number): string => (count === 1 ? '1 person' : `${count} different people`);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const rounded = (value: number): number => Number(value.toPrecision(3));

const budgetSentences: Record<RuleOf<'BUDGET'>['quantity'], (atMost: number) => string> = {
  steps: (atMost) => `An update takes at most ${atMost} steps.`,
  tokens: (atMost) => `An update reads at most ${atMost} tokens (bytes).`,
  klNatsPerByte: (atMost) =>
    `A candidate drifts at most ${atMost} nats per byte (KL, on general text) from the champion.`,
  weightRatio: (atMost) => `The weights move by at most ${atMost} times their length from the champion's.`,
  suiteOverdraw: (atMost) => `A suite is queried at most ${atMost} times beyond its reuse budget.`,
};

const hardSentences: Record<RuleOf<'HARD'>['check'], string> = {
  'weights-finite': 'Every weight of a candidate is a finite number.',
  'architecture-unchanged': "A candidate has the anchor's tensors, in name and shape.",
  'honeypots-fail': 'A candidate gives no answer that its prompt contradicts, which it could know only from a leak.',
};

const evidenceSentences: Record<RuleOf<'EVIDENCE'>['requirement'], (atLeast: number) => string> = {
  'agreeing-evaluators': (atLeast) => `At least ${atLeast} evaluators measure a candidate, and all of them agree.`,
  'sealed-suites': (atLeast) => `At least ${atLeast} sealed suite${atLeast === 1 ? '' : 's'} measured the candidate.`,
  'passed-controls': (atLeast) =>
    `At least ${atLeast} controls of the evaluators, whose outcome is known beforehand, came out as they must.`,
};

const measures: Record<PairedRule['measure'], string> = {
  'bits-per-byte': 'bits per byte',
  brier: 'Brier score',
  accuracy: 'accuracy',
};

const paired = (rule: PairedRule): string => {
  const subject = `${capital(spoken(rule.metric))} (${measures[rule.measure]})`;
  const than = `than the ${rule.reference}'s`;
  if (rule.kind === 'PROGRESS')
    return `${subject} is on average ${rule.above === 0 ? 'better' : `more than ${size(rule, rule.above)} better`} ${than}, without proof; else the verdict is INCONCLUSIVE.`;
  const unit = rule.measure === 'accuracy' ? 'block' : 'document';
  return `${subject} is shown to be ${claim(rule)} ${than}, and no ${unit} loses more than ${size(rule, rule.largestLoss)}.`;
};

const sentence = (rule: Rule): string => {
  switch (rule.kind) {
    case 'HARD':
      return hardSentences[rule.check];
    case 'BUDGET':
      return budgetSentences[rule.quantity](rule.atMost);
    case 'EVIDENCE':
      return evidenceSentences[rule.requirement](rule.atLeast);
    case 'PROCEDURAL':
      return `An amendment of this document, or a reset of an anchor, is signed by at least ${people(rule.atLeast)}.`;
    default:
      return paired(rule);
  }
};

const scopeLines = ({ scope }: Constitution): readonly string[] => {
  const { trustRegion, decay } = scope.regime;
  const between = ({ min, max }: Readonly<{ min: number; max: number }>): string => `${min} to ${max}`;
  return [
    ...rangedFields.map((field) => `${field}: ${between(scope.regime[field])}`),
    `decay: ${decay.join(' or ')}`,
    `trust region: ${trustRegion.required ? 'required' : 'may be left out'}; klNatsPerByte ${between(trustRegion.klNatsPerByte)}, weightRatio ${between(trustRegion.weightRatio)}`,
    `allocation policies: ${scope.allocationPolicies.join(', ')}`,
    `text that a model wrote: at most ${scope.syntheticTextPpm / 10_000}% of an update's sequences (syntheticTextPpm)`,
  ];
};

const alphaLines = (constitution: Constitution): readonly string[] => {
  const { alpha, kMax, rejectAlpha } = constitution.alphaPlan;
  const share = alphaShare(constitution);
  return [
    `A lineage may have ${kMax} candidates judged; every verdict costs ${rounded(share)} of alpha ${alpha}, whatever it is.`,
    `A claim passes when the evidence for it reaches ${rounded(1 / share)} to 1, and fails when that for its opposite reaches ${rounded(1 / rejectAlpha)} to 1.`,
    `So the chance of ever promoting a candidate that breaks a margin is at most ${alpha} over the whole lineage.`,
    'Candidate number and alpha are counted on through every run that begins from a champion of the lineage; only a signed reset of the anchor starts anew.',
    'Missing, malformed or non-finite evidence is a REJECT.',
  ];
};

const rejectionLines = ({ rescue, stall, onDrift }: Constitution): readonly string[] => {
  const times = (count: number): string => (count === 1 ? 'a rejected update' : `${count} rejected updates in a row`);
  const backOff = stall?.backOff;
  return [
    rescue.interpolate
      ? 'A rejected candidate is tried once more half way back to the champion, where that can help; it costs a share of alpha.'
      : 'A rejected candidate is not tried again.',
    ...(stall && backOff
      ? [
          `After ${times(stall.after)} the regime backs off once: ${backOff.learningRate} times the learning rate, ${backOff.steps} times the steps.`,
        ]
      : []),
    stall
      ? `After ${times(stall.after)}${backOff ? ' under it' : ''} the run is halted.`
      : 'However many are rejected, the run goes on.',
    onDrift === 'go-on'
      ? 'Where general quality creeps away from champion to champion, that is recorded, and the run goes on.'
      : 'Where general quality creeps away from champion to champion, the run goes back to the last one without a loss, and is halted.',
  ];
};

/** What a document says. */
export const explainConstitution = (constitution: Constitution): Explained => ({
  name: constitution.name,
  rules: ruleKinds.flatMap((kind) =>
    constitution.rules
      .filter((rule) => rule.kind === kind)
      .map((rule) => ({ rule: rule.rule, kind, sentence: sentence(rule) })),
  ),
  scope: scopeLines(constitution),
  alpha: alphaLines(constitution),
  rejection: rejectionLines(constitution),
});
