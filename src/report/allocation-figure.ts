import * as Plot from '@observablehq/plot';
import type { ArmStory } from './domain/arm-story.js';
import type { Figure, Table } from './domain/document.js';
import { sharesOf, type Share } from './domain/effects.js';
import { hueOf, LINE, opacityOf } from './domain/palette.js';
import { picture } from './picture.js';

const COLUMNS = 3;
const ROW_HEIGHT = 150;

type Bar = Share & Readonly<{ fx: number; fy: number; from: number; to: number; place: number }>;

/** Shares of one cycle on top of each other, in the order of the domains. */
const barsOf = (shares: readonly Share[], domains: readonly string[], at: number): readonly Bar[] => {
  const upTo = new Map<number, number>();
  return shares.map((one) => {
    const from = upTo.get(one.cycle) ?? 0;
    const to = from + one.share;
    upTo.set(one.cycle, to);
    return { ...one, fx: at % COLUMNS, fy: Math.floor(at / COLUMNS), from, to, place: domains.indexOf(one.domain) };
  });
};

type ToldArm = Readonly<{ arm: string; shares: readonly Share[] }>;

const tableOf = (caption: string, told: readonly ToldArm[], domains: readonly string[]): Table => ({
  caption,
  head: ['Arm and cycle', ...domains],
  right: domains.map((_, at) => at + 1),
  rows: told.flatMap(({ arm, shares }) =>
    [...new Set(shares.map(({ cycle }) => cycle))].map((cycle) => {
      const own = shares.filter((one) => one.cycle === cycle);
      const cells = domains.map((domain) => own.find((one) => one.domain === domain)?.share);
      const said = cells.map((share) => (share === undefined ? '–' : `${(100 * share).toFixed(1)}%`));
      return { cells: [`${arm}, cycle ${cycle}`, ...said], cites: own[0]?.cites ?? [] };
    }),
  ),
});

/** What was trained on, cycle by cycle. */
export const allocationFigure = (stories: readonly ArmStory[]): Figure | undefined => {
  const told = stories
    .map((story) => ({ arm: story.arm, shares: sharesOf(story) }))
    .filter(({ shares }) => shares.length > 0);
  const all = told.flatMap(({ shares }) => shares);
  if (all.length === 0) return undefined;
  const domains = [...new Set(all.map(({ domain }) => domain))].sort();
  const bars = told.flatMap(({ shares }, at) => barsOf(shares, domains, at));
  const most = Math.max(...all.map(({ cycle }) => cycle));
  const every = Math.ceil(most / 6);
  const names = told.map(({ arm, shares }, at) => ({
    fx: at % COLUMNS,
    fy: Math.floor(at / COLUMNS),
    text: `${arm}, n = ${shares[0]?.n ?? 0}`,
  }));
  const rows = Math.ceil(told.length / COLUMNS);
  const title = 'What the updates were to learn from';
  const field = { fx: 'fx', fy: 'fy' } as const;
  const keys = domains.map((domain, at) => ({ sign: 'swatch' as const, colour: hueOf(at), means: domain }));
  const svg = picture(title, keys, [
    {
      height: rows * ROW_HEIGHT + 82,
      marginLeft: 50,
      marginTop: 46,
      marginBottom: 40,
      marginRight: 8,
      fx: { axis: null, padding: 0.08, domain: [0, 1, 2].slice(0, Math.max(1, Math.min(COLUMNS, told.length))) },
      fy: { axis: null, paddingInner: rows > 1 ? 0.3 : 0, paddingOuter: 0 },
      x: {
        label: 'cycle',
        domain: [0.5, most + 0.5],
        ticks: Array.from({ length: Math.ceil(most / every) }, (_, at) => 1 + at * every),
        tickFormat: (cycle: number) => String(cycle),
      },
      y: {
        label: 'share of the task sequences',
        domain: [0, 1],
        ticks: [0, 0.5, 1],
        tickFormat: (share: number) => `${100 * share}%`,
      },
      marks: [
        Plot.rect(bars, {
          ...field,
          x1: ({ cycle }: Bar) => cycle - 0.46,
          x2: ({ cycle }: Bar) => cycle + 0.46,
          y1: 'from',
          y2: 'to',
          fill: ({ place }: Bar) => hueOf(place),
          fillOpacity: ({ place }: Bar) => opacityOf(place),
        }),
        Plot.frame({ stroke: LINE }),
        Plot.text(names, { ...field, text: 'text', frameAnchor: 'top-left', dy: -16, fontWeight: 600 }),
      ],
    },
  ]);
  return {
    name: 'allocation',
    title,
    says: 'Mean shares of the domains over the runs of each arm, as proposed for each cycle. n counts runs.',
    svg,
    table: tableOf(title, told, domains),
  };
};
