import * as Plot from '@observablehq/plot';
import { signed } from '#experiment/domain/amount.js';
import type { ArmStory } from './domain/arm-story.js';
import type { Figure, Row } from './domain/document.js';
import { allDoses, effectsOf, paretoFront, type ArmEffect, type Dose } from './domain/effects.js';
import { hueOf, LINE, MUTED, PAPER } from './domain/palette.js';
import { picture, type Key, type PlotOptions } from './picture.js';

/** Of general quality, in percent of the anchor's bits per byte. */
const MARGIN_PERCENT = 1;
const SIDES = { marginLeft: 56, marginRight: 24, marginTop: 16, marginBottom: 42 } as const;
const whole = (value: number): string => `${Number(value.toFixed(2))}`;

const said = ({ estimate, low, high }: ArmEffect['gain']): string =>
  low === null || high === null
    ? signed(estimate, 2)
    : `${signed(estimate, 2)} (${signed(low, 2)} to ${signed(high, 2)})`;

const WHICH = { accepted: 'champion at the end', proposed: 'last candidate' } as const;

const rowOf = (effect: ArmEffect, front: readonly ArmEffect[]): Row => ({
  cells: [
    `${effect.arm}, ${WHICH[effect.which]}`,
    said(effect.gain),
    said(effect.loss),
    String(effect.seeds.length),
    front.includes(effect) ? 'yes' : 'no',
  ],
  cites: effect.cites,
});

/** Names that would lie on each other are moved apart; `pixels` says how far one unit is. */
const namesApart = (
  points: readonly ArmEffect[],
  pixels: number,
): readonly Readonly<{ effect: ArmEffect; dy: number }>[] => {
  const placed: { effect: ArmEffect; y: number; dy: number }[] = [];
  for (const effect of points.toSorted((a, b) => b.gain.estimate - a.gain.estimate)) {
    const y = -effect.gain.estimate * pixels;
    const lowest = placed.at(-1);
    const at = lowest && y < lowest.y + lowest.dy + 14 ? lowest.y + lowest.dy + 14 : y;
    placed.push({ effect, y, dy: at - y });
  }
  return placed;
};

const extent = (values: readonly number[]): readonly [number, number] => {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = (high - low) * 0.07 || 1;
  return [low - room, high + room];
};

/** Losses from a fraction of a percent to a ruin in one picture: even steps near 0, then by factors. */
const WIDE = 12;
const lossScale = (losses: readonly number[]) => {
  const [low, high] = extent(losses);
  if (Math.max(-low, high) <= WIDE) return { domain: [low, high], ticks: 7, tickFormat: whole };
  const ticks = [-100, -20, -5, -2, -1, 0, 1, 2, 5, 20, 50, 100, 200, 500].filter((one) => one > low && one < high);
  return { type: 'symlog' as const, constant: 1, domain: [low, high], ticks, tickFormat: whole };
};

const HEIGHT = 360;

const paretoMarks = (effects: readonly ArmEffect[], front: readonly ArmEffect[], pixels: number): Plot.Markish[] => {
  const seeds = effects.flatMap(({ seeds: each, at, which }) => each.map((effect) => ({ ...effect, at, which })));
  const place = { x: ({ loss }: ArmEffect) => loss.estimate, y: ({ gain }: ArmEffect) => gain.estimate };
  const colour = ({ at }: Readonly<{ at: number }>): string => hueOf(at);
  const accepted = effects.filter(({ which }) => which === 'accepted');
  const proposed = effects.filter(({ which }) => which === 'proposed');
  const pairs = proposed.flatMap((from) => {
    const to = accepted.find(({ arm }) => arm === from.arm);
    return to ? [{ from, to, at: from.at }] : [];
  });
  type Pair = (typeof pairs)[number];
  return [
    Plot.ruleX([MARGIN_PERCENT], { stroke: MUTED, strokeDasharray: '4 4' }),
    Plot.ruleX([0], { stroke: LINE }),
    Plot.ruleY([0], { stroke: LINE }),
    Plot.dot(seeds, { x: 'lossPercent', y: 'gainPoints', fill: colour, fillOpacity: 0.3, r: 2.5 }),
    Plot.link(pairs, {
      x1: ({ from }: Pair) => from.loss.estimate,
      y1: ({ from }: Pair) => from.gain.estimate,
      x2: ({ to }: Pair) => to.loss.estimate,
      y2: ({ to }: Pair) => to.gain.estimate,
      stroke: colour,
      strokeOpacity: 0.5,
    }),
    Plot.line(front, { ...place, curve: 'step-after', stroke: MUTED, strokeWidth: 1.5 }),
    Plot.dot(proposed, { ...place, symbol: 'diamond', fill: PAPER, stroke: colour, strokeWidth: 2, r: 5 }),
    Plot.dot(accepted, { ...place, fill: colour, r: 5.5 }),
    ...namesApart(accepted, pixels).map(({ effect, dy }) =>
      Plot.text([effect], {
        ...place,
        text: 'arm',
        dx: 10,
        dy,
        textAnchor: 'start',
        fontWeight: 600,
        fill: colour(effect),
        stroke: PAPER,
        strokeWidth: 4,
      }),
    ),
  ];
};

const scaleSaid = (losses: readonly number[]): string =>
  'type' in lossScale(losses) ? ' Losses are drawn evenly near 0 and by factors beyond 1%.' : '';

/** What each arm gained at what loss, and which arms no other one beats in both. */
export const paretoFigure = (stories: readonly ArmStory[]): Figure | undefined => {
  const effects = effectsOf(stories);
  const accepted = effects.filter(({ which }) => which === 'accepted');
  if (accepted.length === 0) return undefined;
  const front = paretoFront(accepted);
  const seeds = effects.flatMap((effect) => effect.seeds);
  const y = extent(seeds.map(({ gainPoints }) => gainPoints));
  const pixels = (HEIGHT - SIDES.marginTop - SIDES.marginBottom) / (y[1] - y[0]);
  const counts = accepted.map(({ arm, seeds: each }) => `${arm} ${each.length}`).join(', ');
  const losses = [...seeds.map(({ lossPercent }) => lossPercent), MARGIN_PERCENT];
  const title = 'What was gained at what loss';
  const keys: readonly Key[] = [
    { sign: 'dot', colour: 'currentColor', means: 'champion at the end' },
    { sign: 'diamond', colour: 'currentColor', means: 'last candidate, whatever the gate said' },
    { sign: 'line', colour: MUTED, means: 'Pareto front of the champions' },
  ];
  const svg = picture(title, keys, [
    {
      height: HEIGHT,
      ...SIDES,
      marginRight: 110,
      x: {
        ...lossScale(losses),
        label: 'general quality lost against the anchor, %; dashed: 1%',
        labelAnchor: 'center',
        labelArrow: 'none',
      },
      y: { domain: y, label: 'capability gained, points', grid: true, ticks: 6, tickFormat: whole },
      marks: paretoMarks(effects, front, pixels),
    },
  ]);
  return {
    name: 'pareto',
    title,
    says: `Means over the seeds of each arm; small dots are single seeds: ${counts}.${scaleSaid(losses)}`,
    svg,
    table: {
      caption: `${title}, with 95% intervals`,
      head: ['Arm', 'Points gained', '% of quality lost', 'Seeds', 'On the front'],
      right: [1, 2, 3],
      rows: effects.map((effect) => rowOf(effect, front)),
    },
  };
};

const DOSE_HEIGHT = 250;

/** How far every candidate moved from its anchor, against what that did to capability and to general quality. */
export const doseFigure = (stories: readonly ArmStory[]): Figure | undefined => {
  const doses = allDoses(stories);
  if (doses.length === 0) return undefined;
  const title = 'How far a candidate moved, and what that did';
  const most = Math.max(...doses.map(({ drift }) => drift));
  const losses = doses.map(({ lossPercent }) => lossPercent);
  const plot = (of: 'gainPoints' | 'lossPercent', label: string, scale: object): PlotOptions => ({
    height: DOSE_HEIGHT,
    ...SIDES,
    x: {
      type: 'sqrt' as const,
      domain: [0, most * 1.05 || 1],
      label: 'KL divergence from the anchor, nats per byte (square-root scale)',
      labelAnchor: 'center' as const,
      labelArrow: 'none' as const,
      ticks: 6,
      tickFormat: (value: number) => String(Number(value.toPrecision(3))),
    },
    y: { ...scale, label, grid: true },
    marks: [
      Plot.ruleY([0], { stroke: MUTED }),
      Plot.dot(doses, { x: 'drift', y: of, fill: ({ at }: Dose) => hueOf(at), fillOpacity: 0.75, r: 3.5 }),
    ],
  });
  const arms = stories.flatMap(({ arm }, at) => {
    const own = doses.filter((dose) => dose.arm === arm).length;
    return own === 0 ? [] : [{ arm, at, own }];
  });
  const keys = arms.map(({ arm, at, own }) => ({
    sign: 'dot' as const,
    colour: hueOf(at),
    means: `${arm}, n = ${own}`,
  }));
  const svg = picture(title, keys, [
    plot('gainPoints', 'capability gained, points', {
      domain: extent(doses.map(({ gainPoints }) => gainPoints)),
      ticks: 5,
      tickFormat: whole,
    }),
    plot('lossPercent', 'general quality lost, %', lossScale(losses)),
  ]);
  return {
    name: 'dose-response',
    title,
    says: `Each dot is one candidate of one seed, ${doses.length} in all, against the anchor of its run.${scaleSaid(losses)}`,
    svg,
    table: {
      caption: title,
      head: ['Run and cycle', 'Arm', 'KL from the anchor', 'Points gained', '% of quality lost'],
      right: [2, 3, 4],
      rows: doses.map(({ run, cycle, arm, drift, gainPoints, lossPercent, cites }) => ({
        cells: [`${run}, cycle ${cycle}`, arm, drift.toFixed(4), signed(gainPoints, 2), signed(lossPercent, 2)],
        cites,
      })),
    },
  };
};
