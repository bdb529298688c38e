import { STATES } from '#experiment/domain/state.js';
import { alarmsOf, foundOf, type Caused, type Counted, type Criterion, type Findings } from './criteria.js';
import { ALL_NOISES, PLANTED, QUIET, type Size } from './settings.js';
import { OWN, SPREAD } from './simulated-arms.js';
import { STEP_SPREAD } from './stalled-gates.js';

export type StudyResults = Readonly<{
  seed: string;
  command: string;
  arms: number;
  sizes: readonly Size[];
  findings: Findings;
  criteria: readonly Criterion[];
}>;

type Cell = string | number;

const percent = (hits: number, trials: number): string =>
  trials === 0 ? '–' : `${((100 * hits) / trials).toFixed(1)}`;
const table = (head: readonly Cell[], rows: readonly (readonly Cell[])[]): readonly string[] => [
  `| ${head.join(' | ')} |`,
  `|${head.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
  '',
];
const sizeHeads = (sizes: readonly Size[]): readonly string[] =>
  sizes.map(({ seeds, cycles }) => `${seeds} × ${cycles}`);
const isOf =
  ({ seeds, cycles }: Size) =>
  ({ setting }: Readonly<{ setting: Size }>): boolean =>
    setting.seeds === seeds && setting.cycles === cycles;

const quietRows = (quiet: readonly Counted[], sizes: readonly Size[]): readonly (readonly Cell[])[] =>
  ALL_NOISES.flatMap((noise) =>
    QUIET.flatMap((course) => {
      const own = quiet.filter(({ setting }) => setting.noise === noise && setting.course === course);
      const cells = (hits: (one: Counted) => number): readonly string[] =>
        sizes.map((size) => {
          const one = own.find(isOf(size));
          return one ? percent(hits(one), one.counts.arms) : '–';
        });
      return [
        [course, noise, 'at the end', ...cells(({ counts }) => alarmsOf(counts))],
        [course, noise, 'ever', ...cells(({ counts }) => counts.ever ?? 0)],
      ];
    }),
  );

const stateRows = (quiet: readonly Counted[], sizes: readonly Size[]): readonly (readonly Cell[])[] =>
  [sizes[0], sizes.at(-1)].flatMap((size) =>
    quiet
      .filter((one) => size !== undefined && isOf(size)(one))
      .map(({ setting: { course, noise, seeds, cycles }, counts }) => [
        course,
        noise,
        `${seeds} × ${cycles}`,
        ...STATES.map((state) => percent(counts.ends[state], counts.arms)),
      ]),
  );

const plantedRows = (planted: readonly Counted[], sizes: readonly Size[]): readonly (readonly Cell[])[] =>
  PLANTED.flatMap(({ course, points }) =>
    points.flatMap((size) =>
      ALL_NOISES.map((noise) => [
        course,
        size,
        noise,
        ...sizes.map((each) => {
          const own = planted.filter(({ setting }) => setting.course === course && setting.size === size);
          const one = own.find((counted) => counted.setting.noise === noise && isOf(each)(counted));
          return one ? percent(foundOf(one), one.counts.arms) : '–';
        }),
      ]),
    ),
  );

const stallRow = ({ setting, counts }: Caused): readonly Cell[] => [
  setting.gate,
  setting.gain,
  `${setting.seeds} × ${setting.cycles}`,
  counts.stalled,
  percent(counts.due, counts.stalled),
  percent(counts.gateOrPower, counts.stalled),
  percent(counts.dynamics, counts.stalled),
];

const simulated = (): readonly string[] => [
  '## What is simulated',
  '',
  `Capability in points. A seed starts at 30 with spread ${SPREAD.start}; what levels off gains 15 (with e^-8 or e^-3 of the way left`,
  `at the end), so a cycle's noise of spread ${SPREAD.cycle} is a tenth of it. Seeds differ in gain by ${100 * OWN.gain}% and in pace by`,
  `${100 * OWN.pace}% (spreads), and in the phase of an oscillation. Noise (a sum of twelve uniform draws) is \`new\` in every cycle;`,
  '`lingering`, half of it still there in the next; or that of a `champion`, which stays as it is until one cycle in three promotes',
  'another. Peak and decline turns at half of the cycles and falls by its size until the end; compounding and collapse are straight',
  'lines; the size of an oscillation is half of its swing.',
  '',
];

const criteriaOf = (criteria: readonly Criterion[], arms: number): readonly string[] => [
  '## What is asked of the envelope',
  '',
  `\`shown\`: the exact interval [Clopper-Pearson] of the worst setting lies within what is asked, at a level that holds for all its`,
  `settings together (for "never": none was seen); \`open\`: it does not tell, of ${arms.toLocaleString('en')} arms each; \`refuted\`: it excludes it.`,
  '',
  ...table(
    ['criterion', '', 'worst setting', 'arms'],
    criteria.map(({ criterion, outcome, worst, hits, trials }) => [criterion, outcome, worst, `${hits} of ${trials}`]),
  ),
];

/** The page of the study in Markdown. @param plot file name of the plot beside it */
export const envelopeReport = (results: StudyResults, plot: string): string => {
  const { command, seed, arms, sizes, findings, criteria } = results;
  const heads = sizeHeads(sizes);
  return [
    '# How often the envelope is right',
    '',
    `Written by \`${command}\`, seed \`${seed}\`: the same command writes the same page. ${arms.toLocaleString('en')} arms of every setting, read by`,
    'the code of [the envelope](envelope.md) itself; a short version runs inside `npm test`.',
    '',
    `![Planted courses found, by their size](${plot})`,
    '',
    ...criteriaOf(criteria, arms),
    ...simulated(),
    '## Called peaked or oscillating, though it is neither',
    '',
    'Percent of arms, by seeds × cycles. `ever`: the state after any cycle was one of the two, for who looks every time.',
    '',
    ...table(['course', 'noise', 'called', ...heads], quietRows(findings.quiet, sizes)),
    'Every state, percent of arms, of the smallest size and the largest. A straight or late course is improving, and compounding by',
    'its definition where its tail gains more than 2% of the whole a cycle.',
    '',
    ...table(['course', 'noise', 'size', ...STATES], stateRows(findings.quiet, sizes)),
    '## Planted and found',
    '',
    'Percent of arms whose state at the end is the planted one. An oscillation is looked for from 24 cycles on.',
    '',
    ...table(['planted', 'points', 'noise', ...heads], plantedRows(findings.planted, sizes)),
    '## Why it stalled',
    '',
    `Every candidate truly gains as much on its champion, measured with spread ${STEP_SPREAD.toFixed(2)} points (160 blocks). \`due\`: what the gate`,
    'does, or DYNAMICS where it accepts, is among the causes. Percent of the arms that stalled; the others had too few cycles in common.',
    '',
    ...table(
      ['gate', 'candidates gain', 'size', 'stalled', 'due', 'GATE or POWER', 'DYNAMICS'],
      findings.stalls.map(stallRow),
    ),
  ].join('\n');
};
