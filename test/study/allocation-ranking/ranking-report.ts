import { agreementOf, MEASURES, RANKING_POLICIES, rankingsOf, type RankedRun } from '#experiment/domain/ranking.js';
import { overSeeds } from '#experiment/domain/statistics.js';

export type StudyResults = Readonly<{
  command: string;
  setting: readonly string[];
  runs: readonly RankedRun[];
  blocks: number;
}>;

type Cell = string | number;

const shown = (value: number | null | undefined, digits = 2): string =>
  value === null || value === undefined ? '–' : `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
const table = (head: readonly Cell[], rows: readonly (readonly Cell[])[]): readonly string[] => [
  `| ${head.join(' | ')} |`,
  `|${head.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
  '',
];

const MEASURE_NAMES = { own: 'gain in the domain itself', capability: 'gain in capability' } as const;

/** One tau a run: mean over the runs with Student's 95% interval, and how many runs have one. */
const summaryRows = (runs: readonly RankedRun[]): readonly (readonly Cell[])[] => [
  ...RANKING_POLICIES.flatMap((policy) =>
    MEASURES.map((measure) => {
      const found = runs
        .flatMap((run) => rankingsOf(run))
        .filter((each) => each.policy === policy && each.measure === measure);
      const taus = found.flatMap(({ tau }) => (tau === null ? [] : tau));
      return [policy, MEASURE_NAMES[measure], ...summary(taus)];
    }),
  ),
  ['one half of the items', 'gain in the other half', ...summary(runs.flatMap((run) => agreementOf(run) ?? []))],
];

const summary = (taus: readonly number[]): readonly Cell[] => {
  if (taus.length === 0) return ['–', '–', 0];
  const { estimate, low, high } = overSeeds(taus);
  return [shown(estimate), low === null ? '–' : `${shown(low)} to ${shown(high)}`, taus.length];
};

const runRows = (runs: readonly RankedRun[]): readonly (readonly Cell[])[] =>
  runs.flatMap((run) =>
    rankingsOf(run).map(({ policy, measure, tau, cycles }) => [
      run.run,
      policy,
      MEASURE_NAMES[measure],
      shown(tau),
      ...cycles.map((each) =>
        each.above === null ? shown(each.tau) : `${shown(each.tau)} (p ${each.above.toFixed(3)})`,
      ),
    ]),
  );

/** Mean over all runs and cycles. */
const domainRows = (runs: readonly RankedRun[]): readonly (readonly Cell[])[] => {
  const all = runs.flatMap(({ cycles }) => cycles.flatMap(({ gains }) => gains));
  return [...new Set(all.map(({ name }) => name))].map((domain) => {
    const own = all.filter(({ name }) => name === domain);
    const mean = (of: (gain: (typeof all)[number]) => number): number =>
      own.reduce((sum, gain) => sum + of(gain), 0) / own.length;
    return [domain, shown(100 * mean((gain) => gain.own)), shown(mean(({ capability }) => capability))];
  });
};

/** How often a run's champion changed, by its scout losses. */
const promotions = ({ scouts }: RankedRun): number =>
  new Set(scouts.map(({ lossesNats }) => JSON.stringify(lossesNats))).size - 1;

/** The page of the study in Markdown. */
export const rankingReport = ({ command, setting, runs, blocks }: StudyResults): string => {
  const cycles = runs[0]?.cycles.map(({ cycle }) => `cycle ${cycle}`) ?? [];
  const changed = runs.map(promotions);
  return [
    '# Does the score rank domains by what can be gained?',
    '',
    `Written by \`${command}\`: the same command writes the same page. What is asked and how: [allocation.md](allocation.md).`,
    ...setting,
    `Before the last cycle their champions changed ${Math.min(...changed)} to ${Math.max(...changed)} times.`,
    `Gains are measured on ${blocks} fresh blocks. Tau is 1 where the scores rank the domains exactly as their gains do, 0 by chance.`,
    '',
    ...table(
      ['ranked by', 'held against', "Kendall's tau-b, mean over runs", '95% interval', 'runs'],
      summaryRows(runs),
    ),
    'The last line is the most that noise leaves to be reached: how one half of the items ranks the gains of the other.',
    '',
    '## Runs',
    '',
    ...table(['run', 'scores of', 'held against', 'tau', ...cycles], runRows(runs)),
    '## What a cycle on one domain alone gains',
    '',
    'Mean over runs and cycles: percent of the entropy of a guess in that domain, and points of capability over all targets.',
    '',
    ...table(['trained on', 'gain in itself, %', 'gain in capability, points'], domainRows(runs)),
  ].join('\n');
};

/** The same for programs, run by run. */
export const rankingJson = ({ command, runs, blocks }: StudyResults): string =>
  `${JSON.stringify(
    { command, blocks, runs: runs.map((run) => ({ ...run, agreement: agreementOf(run), rankings: rankingsOf(run) })) },
    null,
    1,
  )}\n`;
