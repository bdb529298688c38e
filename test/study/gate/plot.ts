import { MARGIN_PERCENT } from '#experiment/domain/gate-criteria.js';
import type { Judged } from './real-candidates.js';
import type { CurvePoint } from './trials.js';

type Range = Readonly<{ from: number; to: number }>;
type Panel = Readonly<{ left: number; top: number; width: number; height: number; x: Range; y: Range }>;

const COLOURS = { ACCEPT: '#1a7f37', REJECT: '#b42318', INCONCLUSIVE: '#8a6d00', ABORTED: '#57606a' } as const;

const fixed = (value: number): string => value.toFixed(1);
const clipped = (value: number, { from, to }: Range): number => Math.min(to, Math.max(from, value));
const placed = ({ left, top, width, height, x, y }: Panel) => ({
  x: (value: number) => fixed(left + ((clipped(value, x) - x.from) / (x.to - x.from)) * width),
  y: (value: number) => fixed(top + height - ((clipped(value, y) - y.from) / (y.to - y.from)) * height),
});

const text = (x: string | number, y: string | number, said: string, more = ''): string =>
  `<text x="${x}" y="${y}"${more}>${said}</text>`;

type Axes = Readonly<{ title: string; x: string; y: string; xTicks: readonly number[]; yTicks: readonly number[] }>;

/** Frame, ticks, names, and the margin as a dashed line. */
const frame = (panel: Panel, { title, x, y, xTicks, yTicks }: Axes): readonly string[] => {
  const at = placed(panel);
  const { left, top, width, height } = panel;
  const bottom = top + height;
  return [
    text(left, top - 14, title, ' font-weight="600"'),
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#8c959f"/>`,
    ...xTicks.map((tick) => text(at.x(tick), bottom + 16, String(tick), ' text-anchor="middle"')),
    ...yTicks.map((tick) => text(left - 6, Number(at.y(tick)) + 4, String(tick), ' text-anchor="end"')),
    text(left + width / 2, bottom + 34, x, ' text-anchor="middle"'),
    text(
      left - 34,
      top + height / 2,
      y,
      ` text-anchor="middle" transform="rotate(-90 ${left - 34} ${top + height / 2})"`,
    ),
    `<line x1="${at.x(MARGIN_PERCENT)}" x2="${at.x(MARGIN_PERCENT)}" y1="${top}" y2="${bottom}" stroke="#57606a" stroke-dasharray="4 4"/>`,
  ];
};

const curvePanel = (points: readonly CurvePoint[]): readonly string[] => {
  const panel = { left: 70, top: 50, width: 330, height: 260, x: { from: 0, to: 3 }, y: { from: 0, to: 100 } };
  const at = placed(panel);
  const line = (of: 'accept' | 'reject' | 'inconclusive', colour: string): string => {
    const path = points.map(({ lossPercent, shares }) => `${at.x(lossPercent)},${at.y(100 * shares[of])}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  };
  return [
    ...frame(panel, {
      title: 'Simulated: verdicts on +2 points by true loss',
      x: 'general quality lost against the anchor, %',
      y: '% of candidates',
      xTicks: [0, 1, 2, 3],
      yTicks: [0, 20, 40, 60, 80, 100],
    }),
    line('accept', COLOURS.ACCEPT),
    line('reject', COLOURS.REJECT),
    line('inconclusive', COLOURS.INCONCLUSIVE),
  ];
};

const realPanel = (judged: readonly Judged[]): readonly string[] => {
  const panel = { left: 480, top: 50, width: 330, height: 260, x: { from: -3, to: 8 }, y: { from: -12, to: 6 } };
  const at = placed(panel);
  const shown = judged.filter(({ kind }) => kind !== 'evaluator bug');
  const dots = shown.map(({ effect: { lossPercent, gainPoints }, outcome }) => {
    const [x, y] = [at.x(lossPercent.estimate), at.y(gainPoints.estimate)];
    return `<circle cx="${x}" cy="${y}" r="3.5" fill="${COLOURS[outcome]}" fill-opacity="0.65"/>`;
  });
  return [
    ...frame(panel, {
      title: `Real: ${shown.length} candidates by true effect`,
      x: 'general quality lost against the anchor, % (clipped)',
      y: 'points gained (clipped)',
      xTicks: [-2, 0, 2, 4, 6, 8],
      yTicks: [-10, -5, 0, 5],
    }),
    ...dots,
  ];
};

const legend = (): readonly string[] =>
  (['ACCEPT', 'REJECT', 'INCONCLUSIVE'] as const).flatMap((outcome, at) => [
    `<circle cx="${75 + at * 130}" cy="382" r="5" fill="${COLOURS[outcome]}"/>`,
    text(86 + at * 130, 386, outcome),
  ]);

/** The operating curve and the real candidates side by side; the same figures give the same file. */
export const gatePlot = (points: readonly CurvePoint[], judged: readonly Judged[]): string =>
  [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 840 404" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328">',
    '<title>What the gate accepts, by what a candidate truly does</title>',
    '<rect width="840" height="404" fill="#ffffff"/>',
    ...curvePanel(points),
    ...realPanel(judged),
    ...legend(),
    text(466, 386, `dashed: the margin, ${MARGIN_PERCENT}%`),
    '</svg>',
    '',
  ].join('\n');
