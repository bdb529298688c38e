import { signed } from './amount.js';
import type { Attribution, Cause } from './attribution.js';
import type { CurveEnvelope, Envelope } from './envelope.js';
import { WANTED } from './envelope.js';
import type { State } from './state.js';

const SAID: Readonly<Record<State, string>> = {
  collapsed: 'has collapsed',
  oscillating: 'goes up and down with a period',
  peaked: 'has passed its peak',
  compounding: 'gains more than 2% of its whole gain per cycle: compounding',
  plateau: 'is level within what is of interest',
  improving: 'is still improving',
  inconclusive: 'shows nothing for certain',
};

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** A change, positive where it got better: points of capability, percent of the level at the start of bits per byte. */
const size = (curve: CurveEnvelope, change: number): string => {
  if (curve.metric.unit === 'accuracy') return `${signed(change * 100, 1)} points`;
  const start = curve.points[0]?.value ?? 0;
  return start > 0 ? `${signed((change / start) * 100, 2)}%` : `${signed(change, 3)} bits`;
};

const changed = (curve: CurveEnvelope): string => {
  if (curve.change === null) return '';
  const { estimate, low, high } = curve.change;
  const over = { seeds: 'over seeds', items: 'over items' }[curve.over ?? 'seeds'];
  const between = low === null || high === null ? '' : ` (95% ${over}: ${size(curve, low)} to ${size(curve, high)})`;
  return `, ${size(curve, estimate)} against the anchor${between}`;
};

/** One curve in a sentence; of one seed it says that this is a description. */
export const curveSentence = (curve: CurveEnvelope): string => {
  const name = `${curve.curve === 'proposal' ? 'Proposed' : 'Accepted'} ${curve.metric.metric}`;
  if (curve.points.length === 0) return `${name}: nothing is measured yet.`;
  const cycles = count((curve.points.at(-1)?.cycle ?? 0) - (curve.points[0]?.cycle ?? 0), 'cycle');
  const who = count(curve.seeds, 'seed');
  if (curve.seeds < 2 && curve.state !== 'collapsed')
    return `${name} of one seed over ${cycles}${changed(curve)}: a description of this run, no claim about the arm.`;
  const since = curve.sinceCycle === null ? '' : ` (cycle ${curve.sinceCycle} on)`;
  return `${name} ${SAID[curve.state]}${since}, by ${who} and ${cycles}${changed(curve)}.`;
};

const percent = (value: number | null): string => (value === null ? 'an unknown share' : `${Math.round(value * 100)}%`);

const CAUSES: Readonly<Record<Cause, (found: Attribution) => string>> = {
  GATE: ({ value }) =>
    `${percent(value)} of the verdicts were rejections for a shown loss of quality, or by a gate that made the run back off or halt`,
  POWER: ({ value }) =>
    `${percent(value)} of the verdicts were inconclusive, or the steps are smaller than the items can tell`,
  CEILING: ({ value }) => `accepted capability is ${percent(value)}`,
  DATA: ({ value }) =>
    `the most used text was read ${value === null ? 'an unknown number of' : value.toFixed(1)} times`,
  DYNAMICS: ({ value }) =>
    `the proposals themselves gain ${value === null ? 'nothing known' : `${signed(value * 100, 2)} points`} on the champions they begin from`,
};

export const causeSentence = (found: Attribution): string =>
  `${found.cause}${found.holds ? '' : ' (does not hold)'}: ${CAUSES[found.cause](found)}.`;

const stall = ({ stalled, attribution }: Envelope): string => {
  if (stalled === null) return '';
  if (!stalled) return ' It is not stalled.';
  const causes = attribution.filter(({ holds }) => holds).map(({ cause }) => cause);
  return ` It is stalled; ${causes.length === 0 ? 'no cause shows' : `due to ${causes.join(' and ')}`}.`;
};

/** The envelope in one or two sentences. */
export const envelopeSentence = (envelope: Envelope): string => {
  const accepted = envelope.curves.find(({ curve, metric }) => curve === 'accepted' && metric.unit === 'accuracy');
  if (!accepted) return 'Nothing is measured yet.';
  const few = envelope.runs.length < WANTED.seeds || accepted.points.length <= WANTED.cycles;
  const wanted = few ? ` A claim about an arm wants ${WANTED.seeds} seeds and ${WANTED.cycles} cycles.` : '';
  return `${curveSentence(accepted)}${stall(envelope)}${wanted}`;
};
