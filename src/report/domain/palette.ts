/** Hues by their place; whoever shows a picture says what they are in light and in dark. */
const HUES = 8;
export const hueOf = (at: number): string => `var(--hue-${at % HUES})`;

/** Beyond the hues there are, the same ones come again, paler. */
export const opacityOf = (at: number): number => (at < HUES ? 0.85 : 0.45);

export const ACCEPTED = 'var(--accepted)';
export const PROPOSED = 'var(--proposed)';
export const PAPER = 'var(--card)';
export const MUTED = 'var(--muted)';
export const LINE = 'var(--line)';
