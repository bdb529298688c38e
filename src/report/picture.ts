import * as Plot from '@observablehq/plot';
import { escaped } from './domain/markup.js';
import { SvgDocument } from './svg-document.js';

export const WIDTH = 720;
const LINE_HEIGHT = 22;
/** Of a letter of the text in a picture, on average; so that a legend knows where to go on. */
const LETTER = 6.6;
const SAMPLE = 18;
const GAP = 18;

/** What a mark of a picture stands for. */
export type Key = Readonly<{ sign: 'dot' | 'diamond' | 'line' | 'band' | 'swatch'; colour: string; means: string }>;

type Drawn = Readonly<{ svg: string; height: number }>;
export type PlotOptions = Plot.PlotOptions & Readonly<{ height: number }>;

/** A plot as text, in the little document that this folder has of its own. */
const plotted = (options: PlotOptions): string => {
  const given = { className: 'plot', width: WIDTH, ...options, document: new SvgDocument() };
  const { outerHTML } = Plot.plot(given as unknown as Plot.PlotOptions) as unknown as { outerHTML: string };
  // Its texts are as large as those around it.
  return outerHTML.replace(' font-size="10"', '');
};

const signOf = ({ sign, colour }: Key): string => {
  switch (sign) {
    case 'dot':
      return `<circle cx="7" cy="-4" r="4.5" fill="${colour}"/>`;
    case 'diamond':
      return `<path d="M7,-10L13,-4L7,2L1,-4Z" fill="var(--card)" stroke="${colour}" stroke-width="2"/>`;
    case 'line':
      return `<path d="M0,-4H14" stroke="${colour}" stroke-width="2.5" fill="none"/>`;
    case 'band':
      return `<rect y="-10" width="14" height="12" fill="${colour}" fill-opacity="0.2"/>`;
    case 'swatch':
      return `<rect y="-10" width="14" height="12" fill="${colour}" fill-opacity="0.85"/>`;
  }
};

/** The keys one after another, in as many lines as they need. */
const legend = (keys: readonly Key[]): Drawn => {
  let [x, line] = [0, 1];
  const drawn = keys.map((key) => {
    const width = SAMPLE + key.means.length * LETTER;
    if (x > 0 && x + width > WIDTH) [x, line] = [0, line + 1];
    const at = `translate(${Math.round(x)},${line * LINE_HEIGHT - 6})`;
    x += width + GAP;
    return `<g transform="${at}">${signOf(key)}<text x="${SAMPLE}">${escaped(key.means)}</text></g>`;
  });
  return { svg: drawn.join(''), height: keys.length === 0 ? 0 : line * LINE_HEIGHT };
};

const ATTRIBUTES =
  'xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif" font-size="12" fill="currentColor"';

/** Plots below each other under what their marks mean. Its colours are names that the page around it defines. */
export const picture = (label: string, keys: readonly Key[], plots: readonly PlotOptions[]): string => {
  const top = legend(keys);
  let height = top.height;
  const placed = plots.map((options) => {
    const at = `<g transform="translate(0,${height})">${plotted(options)}</g>`;
    height += options.height;
    return at;
  });
  return (
    `<svg ${ATTRIBUTES} viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(label)}">` +
    `${top.svg}${placed.join('')}</svg>`
  );
};

/** Room for the first lines of a picture that stands alone. */
const TITLE = 30;
const COLOURS = {
  light:
    '--paper:#ffffff;--card:#ffffff;--ink:#1c1e21;--muted:#595d64;--line:#d8d3c8;--accepted:#146c39;--proposed:#6b3fb5;' +
    '--good:#146c39;--bad:#b02318;--open:#835400;' +
    '--hue-0:#3b6fb6;--hue-1:#c26a17;--hue-2:#2f8a6b;--hue-3:#a8446b;--hue-4:#7a6a1f;--hue-5:#6452a8;--hue-6:#4f7d8c;--hue-7:#8b5a44',
  dark:
    '--paper:#141619;--card:#1c1f24;--ink:#e9e6e0;--muted:#a9adb5;--line:#373c44;--accepted:#62d291;--proposed:#c3a6ff;' +
    '--good:#62d291;--bad:#ff938a;--open:#f2bd55;' +
    '--hue-0:#6ea2ea;--hue-1:#f0a35b;--hue-2:#5cc6a2;--hue-3:#e588ac;--hue-4:#cfbb5e;--hue-5:#a595e8;--hue-6:#8fc0cf;--hue-7:#cf9c85',
} as const;

/** On paper, whatever the screen is. */
export const LIGHT = COLOURS.light;

/** Values of the names of colours, by `selector`, in light and in dark. */
export const coloursFor = (selector: string): string =>
  `${selector}{${COLOURS.light}}@media (prefers-color-scheme:dark){${selector}{${COLOURS.dark}}}`;

/** The same picture as a file of its own: with its title, its colours and something behind it. */
export const standing = (title: string, svg: string): string => {
  const [, height = '0'] = /viewBox="0 0 \d+ (\d+)"/.exec(svg) ?? [];
  const whole = Number(height) + TITLE + 10;
  return [
    `<svg ${ATTRIBUTES} viewBox="-12 0 ${WIDTH + 24} ${whole}">`,
    `<style>${coloursFor(':root')}:root{color:var(--ink)}</style>`,
    `<rect x="-12" width="${WIDTH + 24}" height="${whole}" fill="var(--card)"/>`,
    `<text y="20" font-weight="600" font-size="14">${escaped(title)}</text>`,
    `<svg y="${TITLE}" width="${WIDTH}" height="${height}">${svg}</svg>`,
    '</svg>',
    '',
  ].join('\n');
};
