/** "1 point", "2 points", "1%": a difference in the unit in which it was registered. */
export const amount = (value: number | string, unit: string): string => {
  if (unit === 'percent') return `${value}%`;
  return unit === 'points' && value === 1 ? '1 point' : `${value} ${unit}`;
};

/** A level or share of errors, to four digits: "95%", "98.33%". */
export const percent = (share: number): string => `${Number((100 * share).toPrecision(4))}%`;

export const signed = (value: number, digits: number): string => `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
