import { worsePercent } from '#run/domain/run-facts.js';

/** Figures as the terminal shows them. */

/** 1228800 -> "1,228,800". */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** A hash short enough to read aloud; long enough to be told apart in one log. */
export const short = (hash: string): string => hash.slice(0, 12);

/** Seconds as "41 s" or "3 min 5 s". */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
};

/** Tokens are bytes here: "31.2 k tokens/s". */
export const speed = (tokensPerSecond: number): string =>
  tokensPerSecond >= 1000
    ? `${(tokensPerSecond / 1000).toFixed(1)} k tokens/s`
    : `${tokensPerSecond.toFixed(0)} tokens/s`;

/** RFC 3339, to the second: "2026-03-01T14:05:09Z". */
export const moment = (recordedAt: string): string => recordedAt.replace(/\.\d+Z$/, 'Z');

/** The day of it: "2026-03-01". */
export const day = (recordedAt: string): string => recordedAt.slice(0, 10);

/** Accuracy 0 to 1 as "31.2%". */
export const share = (value: number): string => `${(value * 100).toFixed(1)}%`;

/** Difference of two accuracies, in points: "+1.8 points". */
export const points = (difference: number): string => `${signed(difference * 100, 1)} points`;

export const bits = (value: number): string => value.toFixed(3);

export const signed = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  if (Number(text) === 0) return Math.abs(Number(text)).toFixed(digits);
  return value > 0 ? `+${text}` : text;
};

/** Percent by which bits per byte are worse: "0.1% better", "24% worse", "the same". */
export const worse = (percent: number): string => {
  const size = Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0);
  if (Number(size) === 0) return 'the same';
  return `${size}% ${percent > 0 ? 'worse' : 'better'}`;
};

/** "0.1% better than the anchor", "the same as the anchor". */
export const worsening = (value: number, reference: number): string => {
  const said = worse(worsePercent(value, reference));
  return said === 'the same' ? 'the same as the anchor' : `${said} than the anchor`;
};

/** Breaks text at spaces. The first line begins with `lead`, the others with as many spaces. */
export const wrap = (text: string, columns: number, lead = ''): string[] => {
  const room = columns - lead.length;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, at) => (at === 0 ? lead : ' '.repeat(lead.length)) + each);
};

/** A word as a shell takes it. */
export const typed = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** One horizontal bar of eighths, `value` from 0 to 1. */
export const bar = (value: number, width: number): string => {
  const eighths = Math.round(Math.min(1, Math.max(0, value)) * width * 8);
  const rest = ' ▏▎▍▌▋▊▉'[eighths % 8]?.trim() ?? '';
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
};
