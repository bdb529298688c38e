import { ruleSaid } from '#constitution/domain/wording.js';
import type { RuleView } from '#run/verdict-parts.view.js';

/** How an outcome looks and reads; the sign says the same as the colour. */
export type Tone = 'good' | 'bad' | 'open' | 'plain';
export type Said = Readonly<{ text: string; sign: string; tone: Tone; means: string }>;

const OUTCOMES: Readonly<Record<string, Said>> = {
  ACCEPT: {
    text: 'Accepted',
    sign: '✓',
    tone: 'good',
    means: 'every rule passed, so the candidate became the champion',
  },
  REJECT: { text: 'Rejected', sign: '✕', tone: 'bad', means: 'at least one rule failed, so nothing changed' },
  INCONCLUSIVE: {
    text: 'Not settled',
    sign: '?',
    tone: 'open',
    means: 'no rule failed, but the evidence did not suffice for all of them, so nothing changed',
  },
  REFUSED: {
    text: 'Refused',
    sign: '✕',
    tone: 'bad',
    means: 'the proposal itself broke the rules and was never trained',
  },
  ABORTED: { text: 'Aborted', sign: '✕', tone: 'bad', means: 'the training did not come to an end' },
  FROZEN: {
    text: 'Frozen',
    sign: '–',
    tone: 'plain',
    means: 'this run changes nothing: it is there to be compared with',
  },
  OPEN: { text: 'Under way', sign: '…', tone: 'plain', means: 'not decided yet' },
  BASE: {
    text: 'Base',
    sign: '●',
    tone: 'plain',
    means: 'the first model, the anchor that later ones are held against',
  },
};

export const outcomeSaid = (outcome: string): Said =>
  OUTCOMES[outcome] ?? { text: outcome, sign: '·', tone: 'plain', means: outcome };

/** What a hypothesis came to; its tone is whether it holds as registered. */
export const hypothesisSaid = (outcome: string | null, negative: boolean): Said => {
  if (outcome === null) return { text: 'not concluded', sign: '…', tone: 'plain', means: 'no look was taken yet' };
  if (outcome === 'inconclusive')
    return { text: outcome, sign: '?', tone: 'open', means: 'neither the claim nor its opposite is shown' };
  return negative
    ? { text: outcome, sign: '✕', tone: 'bad', means: 'shown not to hold as registered' }
    : { text: outcome, sign: '✓', tone: 'good', means: 'holds as registered' };
};

const STATUSES: Readonly<Record<string, Said>> = {
  running: { text: 'Running', sign: '▶', tone: 'good', means: 'it goes on by itself' },
  halted: { text: 'Halted', sign: '■', tone: 'open', means: 'somebody stopped it; it can be resumed' },
  completed: { text: 'Completed', sign: '✓', tone: 'plain', means: 'all its cycles are closed' },
};

export const statusSaid = (status: string): Said =>
  STATUSES[status] ?? { text: status, sign: '·', tone: 'plain', means: status };

const ARMS: Readonly<Record<string, Said>> = {
  waiting: { text: 'Waiting', sign: '…', tone: 'plain', means: 'its student is not trained yet' },
  aborted: {
    text: 'Aborted',
    sign: '✕',
    tone: 'bad',
    means: 'a figure of its training was not finite, so there is no student',
  },
  trained: {
    text: 'Trained',
    sign: '▶',
    tone: 'plain',
    means: 'its student is trained, and nothing of it is measured',
  },
  aligned: {
    text: 'Aligned',
    sign: '▶',
    tone: 'plain',
    means: 'its hidden states are compared; what it can do is not examined yet',
  },
  examined: { text: 'Examined', sign: '✓', tone: 'good', means: 'it is measured what its student can do' },
};

/** How far an arm of a distillation is. */
export const armSaid = (status: string): Said =>
  ARMS[status] ?? { text: status, sign: '·', tone: 'plain', means: status };

const TRANSFERS: Readonly<Record<string, Said>> = {
  superior: { text: 'superior', sign: '✓', tone: 'good', means: 'it is shown to be better' },
  equivalent: {
    text: 'equivalent',
    sign: '=',
    tone: 'plain',
    means: 'it is shown that the difference is smaller than what is of interest',
  },
  inferior: { text: 'inferior', sign: '✕', tone: 'bad', means: 'it is shown to be worse' },
  inconclusive: { text: 'inconclusive', sign: '?', tone: 'open', means: 'neither is shown' },
};

/** What a student came to against the one without a teacher. */
export const transferSaid = (outcome: string): Said =>
  TRANSFERS[outcome] ?? { text: outcome, sign: '·', tone: 'plain', means: outcome };

const DISTILLATIONS: Readonly<Record<string, Said>> = {
  open: { text: 'Open', sign: '…', tone: 'open', means: 'not every arm is examined yet' },
  completed: { text: 'Completed', sign: '✓', tone: 'plain', means: 'every step of every arm is done' },
};

export const distillationSaid = (status: string): Said =>
  DISTILLATIONS[status] ?? { text: status, sign: '·', tone: 'plain', means: status };

const FINDINGS: Readonly<Record<string, Said>> = {
  pass: { text: 'Passed', sign: '✓', tone: 'good', means: 'what the rule asks for was shown' },
  fail: { text: 'Failed', sign: '✕', tone: 'bad', means: 'one failed rule is enough for a rejection' },
  undecided: { text: 'Undecided', sign: '?', tone: 'open', means: 'neither the claim nor its opposite was shown' },
};

export const findingSaid = (outcome: string): Said =>
  FINDINGS[outcome] ?? { text: outcome, sign: '·', tone: 'plain', means: outcome };

const KINDS: Readonly<Record<string, string>> = {
  HARD: 'A yes-or-no check of the weights themselves.',
  BUDGET: 'A limit that was declared before the run began. Going over it is a rejection.',
  EVIDENCE: 'Enough independent evidence has to be there. What is missing counts as failing.',
  'NON-INFERIORITY':
    'It must be shown that the candidate is at most a declared margin worse than the reference, on items that neither has seen before.',
  SUPERIORITY:
    'It must be shown that the candidate is better than the reference, on items that neither has seen before.',
  PROGRESS:
    'The mean that was measured must lie above a floor. It is a direction and no proof: falling short leaves the verdict unsettled.',
};

export const kindMeans = (kind: string): string => KINDS[kind] ?? kind;

const STATISTICS: Readonly<Record<string, readonly [what: string, unit: string]>> = {
  check: ['check', ''],
  steps: ['training steps', 'steps'],
  tokens: ['bytes read in training', 'bytes'],
  klNatsPerByte: ['drift of the answers from the champion (KL)', 'nats per byte'],
  weightRatio: ['drift of the weights from the champion', 'of their length'],
  suiteOverdraw: ['queries of a sealed suite beyond its budget', 'queries'],
  'candidate number': ['number of this candidate on its lineage', ''],
  'agreeing-evaluators': ['independent evaluators that agree', 'evaluators'],
  'passed-controls': ['controls that the evaluator passed', 'controls'],
  honeypots: ['check', ''],
  'sealed-suites': ['sealed suites that were queried', 'suites'],
  'e-value': ['evidence for the claim (e-value)', ''],
  'mean paired difference': ['mean difference to the reference', ''],
  'paired units': ['units that were compared', 'units'],
};

/** What a statistic is, and its unit. */
export const statisticSaid = (statistic: string): readonly [what: string, unit: string] =>
  STATISTICS[statistic] ?? [statistic, ''];

/** Whether a bound is a floor (at least) or a ceiling (at most). */
export const boundSaid = ({ kind, statistic }: Pick<RuleView, 'kind' | 'statistic'>): string =>
  kind === 'BUDGET' || statistic === 'candidate number'
    ? 'at most'
    : statistic === 'mean paired difference'
      ? 'above'
      : 'at least';

const METRICS: Readonly<Record<string, readonly [name: string, means: string]>> = {
  'kl-to-champion': [
    'answers, from the champion',
    'how differently the candidate continues general text than the champion does',
  ],
  'kl-to-anchor': [
    'answers, from the anchor',
    'how differently the candidate continues general text than the first model did',
  ],
  'weight-distance-to-champion': [
    'weights, from the champion',
    'how far the weights moved, as a share of their length',
  ],
  'weight-distance-to-anchor': ['weights, from the anchor', 'how far the weights are from the first model'],
  'general-bits-per-byte-loss-mean': [
    'general text, mean loss',
    'how much worse it writes general text than the first model, averaged over documents; below 0 is better',
  ],
  'general-bits-per-byte-difference-sd': [
    'general text, spread',
    'how unlike the documents are in what they lose or gain',
  ],
  'general-bits-per-byte-loss-worst-unit': ['general text, worst document', 'the loss of the document that lost most'],
  'general-quality-cusum': [
    'general text, creeping loss',
    'what accepted candidates have lost of general text one after the other; much of it together is an alarm',
  ],
  'update-cosine': [
    'direction of the update',
    'whether this update goes on where the one before it went (1), or back (−1)',
  ],
};

/** A metric of drift by its name in the log, in words. */
export const metricSaid = (metric: string): readonly [name: string, means: string] =>
  METRICS[metric] ?? [metric.replaceAll('-', ' '), ''];

/** "general-quality-kept" as "General quality kept". */
export const ruleTitle = (rule: string): string => {
  const words = ruleSaid(rule).replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
