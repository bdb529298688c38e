import { foundOf, WANTED_POWER, type Counted } from './criteria.js';
import { PLANTED, type Size } from './settings.js';

const SHOWN: readonly (Size & Readonly<{ colour: string }>)[] = [
  { seeds: 4, cycles: 12, colour: '#8c959f' },
  { seeds: 4, cycles: 24, colour: '#b42318' },
  { seeds: 8, cycles: 24, colour: '#8a6d00' },
  { seeds: 16, cycles: 24, colour: '#1a7f37' },
  { seeds: 16, cycles: 36, colour: '#0b57b0' },
];
const NOISE = 'lingering';
const PANEL = { width: 200, height: 170, left: 60, top: 50, gap: 70 } as const;

const fixed = (value: number): string => value.toFixed(1);
const text = (x: number, y: number, said: string, more = ''): string =>
  `<text x="${fixed(x)}" y="${fixed(y)}"${more}>${said}</text>`;

/** Share found by size of one planted course, a line for each size of an arm. */
const panel = (planted: readonly Counted[], at: number): readonly string[] => {
  const { course, points } = PLANTED[at] as (typeof PLANTED)[number];
  const left = PANEL.left + (at % 3) * (PANEL.width + PANEL.gap);
  const top = PANEL.top + Math.floor(at / 3) * (PANEL.height + 80);
  const most = Math.max(...points);
  const x = (size: number): number => left + (size / most) * PANEL.width;
  const y = (share: number): number => top + PANEL.height * (1 - share);
  const lines = SHOWN.flatMap(({ seeds, cycles, colour }) => {
    const found = points.flatMap((size) => {
      const one = planted.find(
        ({ setting }) =>
          setting.course === course &&
          setting.size === size &&
          setting.noise === NOISE &&
          setting.seeds === seeds &&
          setting.cycles === cycles,
      );
      return one ? [`${fixed(x(size))},${fixed(y(foundOf(one) / one.counts.arms))}`] : [];
    });
    if (found.length === 0) return [];
    const dots = found.map((place) => {
      const [cx, cy] = place.split(',');
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
    });
    return [`<polyline points="${found.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`, ...dots];
  });
  const bottom = top + PANEL.height;
  return [
    text(left, top - 12, course, ' font-weight="600"'),
    `<rect x="${left}" y="${top}" width="${PANEL.width}" height="${PANEL.height}" fill="none" stroke="#8c959f"/>`,
    ...points.map((size) => text(x(size), bottom + 16, String(size), ' text-anchor="middle"')),
    text(left + PANEL.width / 2, bottom + 34, 'points', ' text-anchor="middle"'),
    ...[0, 0.5, 1].map((share) => text(left - 6, y(share) + 4, `${100 * share}%`, ' text-anchor="end"')),
    `<line x1="${left}" x2="${left + PANEL.width}" y1="${fixed(y(WANTED_POWER))}" y2="${fixed(y(WANTED_POWER))}" stroke="#57606a" stroke-dasharray="4 4"/>`,
    ...lines,
  ];
};

const legend = (): readonly string[] => {
  const [left, top] = [PANEL.left + 2 * (PANEL.width + PANEL.gap), PANEL.top + PANEL.height + 90];
  return [
    ...SHOWN.flatMap(({ seeds, cycles, colour }, at) => [
      `<circle cx="${left + 6}" cy="${top + at * 22}" r="5" fill="${colour}"/>`,
      text(left + 18, top + at * 22 + 4, `${seeds} seeds, ${cycles} cycles`),
    ]),
    text(left, top + SHOWN.length * 22 + 10, `dashed: ${100 * WANTED_POWER}%; noise: ${NOISE}`),
  ];
};

/** How often each planted course is found; the same counts give the same file. */
export const envelopePlot = (planted: readonly Counted[]): string =>
  [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 850 520" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328">',
    '<title>How often the envelope finds a planted course, by its size</title>',
    '<rect width="850" height="520" fill="#ffffff"/>',
    ...PLANTED.flatMap((_, at) => panel(planted, at)),
    ...legend(),
    '</svg>',
    '',
  ].join('\n');
