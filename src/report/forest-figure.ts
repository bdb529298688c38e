import * as Plot from '@observablehq/plot';
import { estimateSaid, intervalSaid } from '#experiment/domain/conclusion-wording.js';
import type { Figure, Tone } from './domain/document.js';
import { LINE, MUTED, PAPER } from './domain/palette.js';
import type { Result } from './domain/result-part.js';
import { levelOf, toneOf } from './domain/result-words.js';
import type { Told } from './domain/told.js';
import { picture } from './picture.js';

/** Further out than so many times what is of interest, a mark stands at the edge, with an arrow. */
const EDGE = 6;
const ROW_HEIGHT = 46;

type Mark = Readonly<{ at: number; name: string; said: string; tone: Tone }>;
type Drawn = Mark & Readonly<{ x: number; low: number; high: number }>;

const COLOURS: Readonly<Record<Tone, string>> = {
  good: 'var(--good)',
  bad: 'var(--bad)',
  open: 'var(--open)',
  plain: 'var(--ink)',
};

const clipped = (value: number): number => Math.min(EDGE, Math.max(-EDGE, value));

const markOf = (told: Told, result: Result, at: number): Mark | Drawn => {
  const name = result.hypothesis.hypothesis;
  const last = result.looks.at(-1)?.concluded;
  if (!last) return { at, name, said: 'not concluded yet', tone: 'open' };
  const { outcome, estimate, interval, n, method } = last;
  const tone = toneOf(told, result);
  if (estimate === null || interval === null) return { at, name, said: `${outcome}, n = ${n}`, tone };
  const said = `${outcome}: ${estimateSaid(last)} (${intervalSaid(last)}), n = ${n}`;
  const { low, high } = interval;
  const [x, from, to] = [estimate, low ?? -Infinity, high ?? Infinity].map((value) => value / method.sesoi);
  return { at, name, said, tone, x: x ?? 0, low: from ?? 0, high: to ?? 0 };
};

const isDrawn = (mark: Mark | Drawn): mark is Drawn => 'x' in mark;

const arrows = (drawn: readonly Drawn[]): readonly Readonly<{ at: number; x: number; text: string; tone: Tone }>[] =>
  drawn.flatMap(({ at, low, high, tone }) => [
    ...(low < -EDGE ? [{ at, x: -EDGE, text: '◀', tone }] : []),
    ...(high > EDGE ? [{ at, x: EDGE, text: '▶', tone }] : []),
  ]);

const marksOf = (all: readonly (Mark | Drawn)[]): Plot.Markish[] => {
  const drawn = all.filter(isDrawn);
  const inside = drawn.filter(({ x }) => Math.abs(x) <= EDGE);
  const line = 0.2;
  const colour = ({ tone }: { tone: Tone }): string => COLOURS[tone];
  return [
    Plot.rect([0], { x1: -1, x2: 1, y1: -0.6, y2: all.length - 0.4, fill: MUTED, fillOpacity: 0.14 }),
    Plot.ruleX([0], { y1: -0.6, y2: all.length - 0.4, stroke: MUTED, strokeDasharray: '3 3' }),
    Plot.ruleY(
      all.slice(1).map(({ at }) => at - 0.5),
      { stroke: LINE },
    ),
    Plot.text(all, { x: -EDGE, y: ({ at }: Mark) => at - line, text: 'name', textAnchor: 'start', fontWeight: 600 }),
    Plot.text(all, { x: EDGE, y: ({ at }: Mark) => at - line, text: 'said', textAnchor: 'end', fill: colour }),
    Plot.link(drawn, {
      x1: ({ low }: Drawn) => clipped(low),
      x2: ({ high }: Drawn) => clipped(high),
      y1: ({ at }: Drawn) => at + line,
      y2: ({ at }: Drawn) => at + line,
      stroke: colour,
      strokeWidth: 2,
    }),
    Plot.dot(inside, {
      x: 'x',
      y: ({ at }: Drawn) => at + line,
      fill: colour,
      stroke: PAPER,
      strokeWidth: 1,
      r: 5,
    }),
    Plot.text(arrows(drawn), {
      x: 'x',
      y: ({ at }: { at: number }) => at + line,
      text: 'text',
      fill: colour,
    }),
  ];
};

/** All hypotheses beside each other, each in multiples of what is of interest in it. */
export const forestFigure = (told: Told, results: readonly Result[]): Figure => {
  const all = results.map((result, at) => markOf(told, result, at));
  const title = 'Every hypothesis beside what is of interest';
  const svg = picture(
    title,
    [
      { sign: 'dot', colour: COLOURS.good, means: 'as registered' },
      { sign: 'dot', colour: COLOURS.bad, means: 'shown otherwise' },
      { sign: 'dot', colour: COLOURS.open, means: 'inconclusive' },
      { sign: 'band', colour: MUTED, means: 'smaller than what is of interest' },
    ],
    [
      {
        height: all.length * ROW_HEIGHT + 56,
        marginLeft: 8,
        marginRight: 8,
        marginTop: 8,
        marginBottom: 40,
        x: {
          domain: [-EDGE, EDGE],
          ticks: [-6, -4, -2, -1, 0, 1, 2, 4, 6],
          tickFormat: (value: number) => (value > 0 ? `+${value}` : String(value)),
          label: 'effect in multiples of what is of interest; to the right the arm is better',
          labelAnchor: 'center',
          labelArrow: 'none',
        },
        y: { domain: [all.length - 0.4, -0.6], axis: null },
        marks: marksOf(all),
      },
    ],
  );
  return {
    name: 'hypotheses',
    title,
    says:
      `Estimates with their ${levelOf(told)} intervals over n seeds at the last look, ${results.length} hypotheses in the order in ` +
      `which they were registered. The colour is the outcome, corrected over the family, and the intervals are not. What lies beyond ${EDGE} times what is of interest stands at the edge.`,
    svg,
    table: {
      caption: title,
      head: ['Hypothesis', 'What it came to'],
      right: [],
      rows: all.map(({ name, said }, at) => ({ cells: [name, said], cites: results[at]?.looks.at(-1)?.cites ?? [] })),
    },
  };
};
