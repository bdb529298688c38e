/** Numbers as the page writes them: with their unit, and no more digits than tell something. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const MINUS = '\u2212';

const withSign = (text: string, value: number, always: boolean): string =>
  `${value < 0 ? MINUS : always && value > 0 ? '+' : ''}${text}`;

export const NOTHING = '–';

export const count = (value: number): string => whole.format(value);

/** Three or four telling digits; tiny and huge ones by powers of ten. */
export const figure = (value: number | null | undefined): string => {
  if (value === null || value === undefined) return NOTHING;
  if (Number.isSafeInteger(value)) return withSign(count(Math.abs(value)), value, false);
  const size = Math.abs(value);
  if (size >= 0.001 && size < 100_000) return withSign(String(Number(size.toPrecision(4))), value, false);
  const [digits = '', power = ''] = size.toExponential(1).split('e');
  const raised = Number(power) < 0 ? `${MINUS}${Math.abs(Number(power))}` : String(Number(power));
  return withSign(`${digits} × 10^${raised}`, value, false);
};

/** Accuracy 0 to 1 as "62.1%". */
export const percent = (share: number | null | undefined, digits = 1): string =>
  share === null || share === undefined ? NOTHING : `${(share * 100).toFixed(digits)}%`;

/** A difference of accuracies as "+1.8 points". */
export const points = (difference: number | null | undefined): string => {
  if (difference === null || difference === undefined) return NOTHING;
  return `${withSign(Math.abs(difference * 100).toFixed(1), difference, true)} points`;
};

export const bits = (value: number | null | undefined): string =>
  value === null || value === undefined ? NOTHING : value.toFixed(3);

/** A difference of bits per byte where larger is better: "0.0043 bits per byte worse". */
export const bitsChange = (difference: number | null | undefined): string => {
  if (difference === null || difference === undefined) return NOTHING;
  return `${Math.abs(difference).toFixed(4)} ${difference < 0 ? 'worse' : 'better'}`;
};

/** The first characters of a hash, which are enough to tell it from its neighbours. */
export const short = (hash: string): string => hash.slice(0, 12);

export const plural = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

export const duration = (elapsedMs: number): string => {
  if (elapsedMs < 1000) return `${Math.round(elapsedMs)} ms`;
  const seconds = elapsedMs / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
};
