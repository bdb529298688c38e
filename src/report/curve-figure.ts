import * as Plot from '@observablehq/plot';
import type { CurveEnvelope, CurvePoint } from '#experiment/domain/envelope.js';
import { measuredRuns, type ArmStory } from './domain/arm-story.js';
import type { Figure, Row } from './domain/document.js';
import { ACCEPTED, LINE, PAPER, PROPOSED } from './domain/palette.js';
import { picture, WIDTH } from './picture.js';

type Metric = CurveEnvelope['metric'];
type Known = Readonly<{ cycle: number; value: number; low: number | null; high: number | null }>;
type Spot = Known & Readonly<{ fx: number; fy: number }>;

const COLUMNS = 3;
const ROW_HEIGHT = 190;
const MOST_TICKS = 6;

const isKnown = (point: CurvePoint): point is CurvePoint & Known => point.value !== null;

const curveOf = ({ envelope }: ArmStory, curve: string, { metric }: Metric): CurveEnvelope | undefined =>
  envelope.curves.find((one) => one.curve === curve && one.metric.metric === metric);

const isShare = ({ unit }: Metric): boolean => unit === 'accuracy';
const written = (value: number, metric: Metric): string =>
  isShare(metric) ? `${(100 * value).toFixed(1)}%` : value.toFixed(3);

const bandSaid = ({ value, low, high }: Known, metric: Metric): string =>
  low === null || high === null
    ? written(value, metric)
    : `${written(value, metric)} (${written(low, metric)} to ${written(high, metric)})`;

const rowsOf = (story: ArmStory, metric: Metric): readonly Row[] => {
  const [proposed, accepted] = ['proposal', 'accepted'].map((name) =>
    (curveOf(story, name, metric)?.points ?? []).filter(isKnown),
  );
  const cycles = [...new Set([...(proposed ?? []), ...(accepted ?? [])].map(({ cycle }) => cycle))];
  const cites = measuredRuns(story).flatMap(({ evidence }) => evidence);
  const cell = (points: readonly Known[] | undefined, cycle: number): string => {
    const point = points?.find((one) => one.cycle === cycle);
    return point ? bandSaid(point, metric) : '–';
  };
  return cycles
    .sort((a, b) => a - b)
    .map((cycle) => ({
      cells: [
        `${story.arm}, cycle ${cycle}${cycle === 0 ? ' (base)' : ''}`,
        cell(proposed, cycle),
        cell(accepted, cycle),
        String(story.envelope.runs.length),
      ],
      cites,
    }));
};

/** A band of few seeds goes beyond what a metric can be; it is drawn as far as that. */
const possible = (point: Known, { least, most }: Metric): Known => ({
  ...point,
  low: point.low === null ? null : Math.max(least, point.low),
  high: point.high === null ? null : Math.min(most, point.high),
});

/** Every arm in a field of its own, all on the same scales. */
const fieldsOf = (stories: readonly ArmStory[], curve: string, metric: Metric): readonly Spot[] =>
  stories.flatMap((story, at) =>
    (curveOf(story, curve, metric)?.points ?? []).filter(isKnown).map((point) => ({
      ...possible(point, metric),
      fx: at % COLUMNS,
      fy: Math.floor(at / COLUMNS),
    })),
  );

const banded = (spots: readonly Spot[]): readonly Spot[] =>
  spots.filter(({ low, high }) => low !== null && high !== null);

/** Beyond this share of what the bases score, a loss stands at the edge with its figure: it would flatten all others. */
const MOST_LOSS = 0.1;

/** The worst value that is drawn to scale; undefined where all are. */
const edgeOf = (spots: readonly Spot[], { better }: Metric): number | undefined => {
  const bases = spots.filter(({ cycle }) => cycle === 0).map(({ value }) => value);
  const edge = Math.max(...bases) * (1 + MOST_LOSS);
  return better === 'lower' && spots.some(({ value }) => value > edge) ? edge : undefined;
};

const within = (spot: Spot, edge: number): Spot => ({
  ...spot,
  value: Math.min(edge, spot.value),
  low: spot.low === null ? null : Math.min(edge, spot.low),
  high: spot.high === null ? null : Math.min(edge, spot.high),
});

const marksOf = (stories: readonly ArmStory[], metric: Metric, edge = Infinity): Plot.Markish[] => {
  const [proposed = [], accepted = []] = ['proposal', 'accepted'].map((name) => fieldsOf(stories, name, metric));
  const beyond = proposed.filter(({ value }) => value > edge);
  const open = proposed.filter(({ cycle, value }) => cycle > 0 && value <= edge).map((spot) => within(spot, edge));
  const live = accepted.map((spot) => within(spot, edge));
  const field = { fx: 'fx', fy: 'fy' } as const;
  const names = stories.map(({ arm, envelope }, at) => ({
    fx: at % COLUMNS,
    fy: Math.floor(at / COLUMNS),
    text: `${arm}, n = ${envelope.runs.length}`,
  }));
  const step = { ...field, x: 'cycle', curve: 'step-after' } as const;
  return [
    Plot.frame({ stroke: LINE }),
    Plot.areaY(banded(live), { ...step, y1: 'low', y2: 'high', fill: ACCEPTED, fillOpacity: 0.18 }),
    Plot.ruleX(banded(open), {
      ...field,
      x: 'cycle',
      y1: 'low',
      y2: 'high',
      stroke: PROPOSED,
      strokeWidth: 5,
      strokeOpacity: 0.3,
    }),
    Plot.lineY(live, { ...step, y: 'value', stroke: ACCEPTED, strokeWidth: 2.5 }),
    Plot.dot(live, { ...field, x: 'cycle', y: 'value', fill: ACCEPTED, r: 3 }),
    Plot.dot(open, {
      ...field,
      x: 'cycle',
      y: 'value',
      stroke: PROPOSED,
      fill: PAPER,
      strokeWidth: 1.75,
      r: 3.5,
      symbol: 'diamond',
    }),
    Plot.text(beyond, {
      ...field,
      x: 'cycle',
      y: () => edge,
      dy: 12,
      text: ({ value }: Spot) => `▲ ${value.toFixed(2)}`,
      fill: PROPOSED,
    }),
    Plot.text(names, { ...field, text: 'text', frameAnchor: 'top-left', dy: -16, fontWeight: 600 }),
  ];
};

const extent = (values: readonly number[]): readonly [number, number] => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low) * 0.08 || 0.01;
  return [low - room, high + room];
};

const TITLES: Readonly<Record<string, string>> = {
  capability: 'Capability by cycle',
  'general-bits-per-byte': 'General quality by cycle (fewer bits per byte are better)',
};

/** One metric over the cycles, arm by arm: what was proposed and what was accepted, with the 95% band over the seeds. */
export const curveFigure = (stories: readonly ArmStory[], metric: Metric): Figure | undefined => {
  const spots = ['proposal', 'accepted'].flatMap((name) => fieldsOf(stories, name, metric));
  if (spots.length === 0) return undefined;
  const rows = Math.ceil(stories.length / COLUMNS);
  const most = Math.max(1, ...spots.map(({ cycle }) => cycle));
  const every = Math.ceil((most + 1) / MOST_TICKS);
  const title = TITLES[metric.metric] ?? metric.metric;
  const y = isShare(metric) ? 'share of tasks answered right' : `general text, ${metric.unit}`;
  const seeds = stories.map(({ arm, envelope }) => `${arm} ${envelope.runs.length}`).join(', ');
  const edge = edgeOf(spots, metric);
  const drawn = edge === undefined ? spots : spots.map((spot) => within(spot, edge));
  const svg = picture(
    title,
    [
      { sign: 'line', colour: ACCEPTED, means: 'accepted: the champion after each cycle' },
      { sign: 'diamond', colour: PROPOSED, means: 'proposed: its candidate' },
      { sign: 'band', colour: 'currentColor', means: '95% over the seeds' },
    ],
    [
      {
        height: rows * ROW_HEIGHT + 82,
        width: WIDTH,
        marginLeft: 56,
        marginTop: 46,
        marginBottom: 40,
        marginRight: 8,
        fx: { axis: null, padding: 0.08 },
        fy: { axis: null, paddingInner: rows > 1 ? 0.24 : 0, paddingOuter: 0 },
        x: {
          label: 'cycle (0 is the base)',
          domain: [-0.35, most + 0.35],
          ticks: Array.from({ length: Math.floor(most / every) + 1 }, (_, at) => at * every),
          tickFormat: (cycle: number) => String(cycle),
        },
        y: {
          label: y,
          domain: extent(drawn.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])),
          grid: true,
          ticks: 4,
          tickFormat: (value: number) => (isShare(metric) ? `${(100 * value).toFixed(1)}%` : value.toFixed(2)),
        },
        marks: marksOf(stories, metric, edge),
      },
    ],
  );
  return {
    name: `curve-${metric.metric}`,
    title,
    says: `Means over the seeds of each arm with their 95% bands, on the sealed report suite; seeds: ${seeds}.${edge === undefined ? '' : ` ▲: more than ${100 * MOST_LOSS}% worse than the bases, with its value.`}`,
    svg,
    table: {
      caption: `${title}, with 95% bands`,
      head: ['Arm and cycle', 'Proposed', 'Accepted', 'Seeds'],
      right: [1, 2, 3],
      rows: stories.flatMap((story) => rowsOf(story, metric)),
    },
  };
};
