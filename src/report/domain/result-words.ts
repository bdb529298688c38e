import type { DataOf } from '#experiment/domain/events.js';
import type { Registration } from '#experiment/domain/registration.js';
import { amount, counted, signed, type Tone } from './document.js';

type Concluded = DataOf<'HypothesisConcluded'>;

const percent = (share: number): string => `${Number((100 * share).toPrecision(4))}%`;

export const intervalSaid = ({ interval }: Concluded): string => {
  if (interval === null) return '–';
  const { low, high } = interval;
  return `${low === null ? '−∞' : signed(low, 2)} to ${high === null ? '+∞' : signed(high, 2)}`;
};

export const estimateSaid = ({ estimate, unit }: Concluded): string =>
  estimate === null ? '–' : amount(signed(estimate, 2), unit);

/** Whether its claim was borne out, shown not to hold, or neither. */
export const toneOf = ({ outcome }: Concluded, negative: boolean): Tone =>
  outcome === 'inconclusive' ? 'open' : negative ? 'bad' : 'good';

export const figuresSaid = (concluded: Concluded, size: string): string => {
  const { interval, p, n } = concluded;
  const models = `over ${counted(n, 'seed')}, models of ${size}`;
  if (interval === null || p === null) return `there is no figure, ${models}`;
  return (
    `${estimateSaid(concluded)}, ${percent(interval.level)} interval ${intervalSaid(concluded)}, ${models}; ` +
    `p of the claim ${p.claim.toPrecision(2)}, ${p.holm.toPrecision(2)} corrected over its family`
  );
};

/** Differences of what, and in what. */
export const comparedSaid = ({ distillation }: Registration): string =>
  distillation
    ? 'students of the same seed, in points of what is answered exactly or explained, or percent of what the untaught student has'
    : "runs with the same seed, in points of capability or percent of the anchor's bits per byte";
