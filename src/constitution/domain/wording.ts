import type { PairedRule } from './rules.js';
import type { Reason, Verdict } from './verdict.js';

type Measured = Pick<PairedRule, 'measure'>;

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));
const sized = (measured: Measured, value: number): string =>
  measured.measure === 'accuracy'
    ? `${trimmed(value * 100, 2)} points`
    : `${trimmed(value, 4)} ${measured.measure === 'brier' ? 'of Brier score' : 'bits per byte'}`;

/** A loss or margin without direction: "0.2 bits per byte", "0.5 points". */
export const size = (measured: Measured, value: number): string => sized(measured, value < 0 ? -value : value);

/** A difference where larger is better: "+1.8 points", "0.0043 bits per byte better (0.17%)". */
export const change = (measured: Measured, difference: number, referenceMean?: number): string => {
  if (measured.measure === 'accuracy') return `${difference > 0 ? '+' : ''}${sized(measured, difference)}`;
  const share = referenceMean ? Math.abs(difference / referenceMean) * 100 : undefined;
  const direction = difference < 0 ? 'worse' : 'better';
  return `${size(measured, difference)} ${direction}${share === undefined ? '' : ` (${trimmed(share, 2)}%)`}`;
};

/** "62 documents", "1 block". */
export const count = (measured: Measured, units: number): string => {
  const noun = measured.measure === 'accuracy' ? 'block' : 'document';
  return `${units} ${noun}${units === 1 ? '' : 's'}`;
};

/** "document 17" (counted from 1). */
export const unit = (measured: Measured, number: number): string =>
  `${measured.measure === 'accuracy' ? 'block' : 'document'} ${number}`;

/** "general quality" for general-bits-per-byte, "calibration" for calibration-brier: the unit is said with the figure. */
export const spoken = (metric: string): string =>
  metric
    .replace(/-bits-per-byte$/, '-quality')
    .replace(/-brier$/, '')
    .replaceAll('-', ' ');

/** "general quality against the anchor". */
export const comparison = (rule: PairedRule): string => `${spoken(rule.metric)} against the ${rule.reference}`;

/** A rule beside its outcome, by what passing it means: "honeypots-fail: pass" could be read either way. */
export const ruleSaid = (rule: string): string => (rule === 'honeypots-fail' ? 'no-honeypot-answered' : rule);

const marginOf = (rule: PairedRule & { kind: 'NON-INFERIORITY' }): string =>
  'relative' in rule.margin ? `${trimmed(rule.margin.relative * 100, 2)}%` : size(rule, rule.margin.absolute);

/** What a rule wants shown: "at most 1% worse", "at most 0.5 points worse", "better". */
export const claim = (rule: PairedRule): string =>
  rule.kind === 'NON-INFERIORITY' ? `at most ${marginOf(rule)} worse` : 'better';

/** What the mirrored process shows instead: "more than 1% worse", "not better". */
export const counterclaim = (rule: PairedRule): string =>
  rule.kind === 'NON-INFERIORITY' ? `more than ${marginOf(rule)} worse` : 'not better';

/** "capability +2.3 points against the champion", one entry for each metric and reference. */
const figures = (reasons: readonly Reason[]): string => {
  const shown = reasons.flatMap(({ paired }) => {
    if (!paired || paired.estimate === null) return [];
    const text = change(paired, paired.estimate, paired.referenceMean);
    return [`${spoken(paired.metric)} ${text} against the ${paired.reference}`];
  });
  return [...new Set(shown)].join(', ');
};

/** What tells most comes first: broken weights, then what users would notice, then budgets. */
const TELLING: readonly Reason['kind'][] = ['HARD', 'NON-INFERIORITY', 'SUPERIORITY', 'PROGRESS', 'BUDGET', 'EVIDENCE'];

export const byTelling = (reasons: readonly Reason[]): readonly Reason[] => {
  // Among equals the Brier score comes last: readers know the other measures.
  const rank = ({ kind, paired }: Reason): number =>
    (TELLING.includes(kind) ? TELLING.indexOf(kind) : TELLING.length) + (paired?.measure === 'brier' ? 0.5 : 0);
  return [...reasons].sort((a, b) => rank(a) - rank(b));
};

/** One sentence for a newcomer: what was decided and the figure that decided it. */
export const summary = (verdict: Verdict['verdict'], reasons: readonly Reason[]): string => {
  const failed = byTelling(reasons.filter((reason) => reason.outcome === 'fail'));
  const open = byTelling(reasons.filter((reason) => reason.outcome === 'undecided'));
  const first = (failed[0] ?? open[0])?.sentence ?? 'there are no rules to judge by.';
  const others = (failed.length > 0 ? failed : open).length - 1;
  const more = others > 0 ? ` (and for ${others} more reason${others === 1 ? '' : 's'})` : '';
  if (verdict === 'REJECT') return `Rejected: ${first.replace(/\.$/, '')}${more}.`;
  if (verdict === 'INCONCLUSIVE')
    return `Not promoted, since the evidence does not settle it: ${first.replace(/\.$/, '')}${more}.`;
  return `Promoted, since all ${reasons.length} rules pass: ${figures(byTelling(reasons))}.`;
};
