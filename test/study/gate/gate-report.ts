import { plannedMetrics } from '#constitution/domain/power.js';
import { clopperPearson } from '#experiment/domain/exact-binomial.js';
import { MARGIN_PERCENT, SCENARIOS, type Finding, type ScenarioKey } from '#experiment/domain/gate-criteria.js';
import type { LineageCounts } from '#experiment/domain/gate-lineages.js';
import type { Judged, RealStudy } from './real-candidates.js';
import { CYCLES, studied, type Trial, type UnitsBeside } from './trials.js';

export type StudyResults = Readonly<{
  seed: string;
  command: string;
  trials: readonly Trial[];
  units: readonly UnitsBeside[];
  real: RealStudy;
}>;

const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 2 : 1)}%`;
const withInterval = (hits: number, trials: number): string => {
  const { low, high } = clopperPearson(hits, trials);
  return `${percent(hits / trials)} (${percent(low)} to ${percent(high)})`;
};
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): readonly string[] => [
  `| ${head.join(' | ')} |`,
  `|${head.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
  '',
];

const scenarioRow = (key: ScenarioKey, counts: LineageCounts): readonly (string | number)[] => {
  const { lineages, harmed, accepted, worstPercent } = counts;
  const judged = accepted.slice(0, -1);
  const all = judged.reduce((sum, count) => sum + count, 0);
  return [
    SCENARIOS[key].name,
    lineages,
    key === 'harmless' ? '–' : withInterval(harmed, lineages),
    percent(all / (lineages * judged.length)),
    `${worstPercent.toFixed(1)}%`,
  ];
};

const found = ({ outcome, share, low, high }: Finding): string =>
  `${outcome}: ${percent(share)} (${percent(low)} to ${percent(high)})`;

const simulated = ({ trials, units }: StudyResults): readonly string[] => {
  const [gate] = trials;
  if (!gate) return [];
  const { alpha } = studied.alphaPlan;
  const assumed = plannedMetrics.map(({ metric, units: n, sd }) => `${metric} ${n} units of spread ${sd}`).join(', ');
  const criteria = gate.findings.map(({ criterion }, at) => [
    criterion,
    ...trials.map(({ findings }) => found(findings[at] as Finding)),
  ]);
  return [
    '## Simulated lineages',
    '',
    `The project's own judge under the default constitution with alpha ${alpha} over ${CYCLES} candidates; a lineage judges`,
    `${CYCLES} candidates and one more that the plan has no share for, each trained from the champion of the moment. Assumed:`,
    `independent units about the true mean with the noise of the power figures (a sum of twelve uniform draws): ${assumed};`,
    'every rule that reads no units passes. Harmful: a true loss of general quality of the margin or more against the anchor.',
    'Intervals are exact 95% ones [Clopper-Pearson].',
    '',
    ...table(
      ['every candidate has', 'lineages', 'harmful candidate ever accepted', 'candidates accepted', 'worst champion'],
      (Object.keys(SCENARIOS) as ScenarioKey[]).map((key) => scenarioRow(key, gate.counts[key])),
    ),
    '### The same criteria for the gate and for three wrong ones',
    '',
    '`shown`: the interval lies within what is asked (for "never": none was seen); `open`: it does not tell; `refuted`: it',
    `excludes it. The least acceptance over the ${CYCLES} values of k has an interval that holds for all of them together.`,
    `The wrong gates ran ${trials[1]?.counts.creep.lineages} lineages a scenario.`,
    '',
    ...table(['criterion', ...trials.map(({ gate: { name } }) => name)], criteria),
    '### Units that a decision takes',
    '',
    `A harmless candidate with +2 points at alpha ${alpha} / ${CYCLES} a candidate, power 80%. The fixed test is a one-sided`,
    'paired z test that assumes normal units of known spread and may be looked at once; the e-process assumes only that no',
    'unit may lose more than c, and may stop at any unit.',
    '',
    ...table(
      ['rule', 'fixed-n test reads', 'e-process has decided in 80% of cases by', 'e-process reads on average'],
      units.map(({ rule, fixed, sequential, meanRead }) => [rule, fixed, sequential ?? '–', meanRead.toFixed(1)]),
    ),
  ];
};

const BANDS: readonly (readonly [name: string, from: number, to: number])[] = [
  ['gains', -Infinity, 0],
  ['loses 0 to half the margin', 0, MARGIN_PERCENT / 2],
  ['loses half to all of the margin', MARGIN_PERCENT / 2, MARGIN_PERCENT],
  ['loses 1 to 2 margins', MARGIN_PERCENT, 2 * MARGIN_PERCENT],
  ['loses 2 to 4 margins', 2 * MARGIN_PERCENT, 4 * MARGIN_PERCENT],
  ['loses more', 4 * MARGIN_PERCENT, Infinity],
];

const countOf = (judged: readonly Judged[], outcome: Judged['outcome']): number =>
  judged.filter((each) => each.outcome === outcome).length;
const outcomes = (judged: readonly Judged[]): readonly number[] => [
  judged.length,
  countOf(judged, 'ACCEPT'),
  countOf(judged, 'REJECT') + countOf(judged, 'ABORTED'),
  countOf(judged, 'INCONCLUSIVE'),
];

const range = (values: readonly number[]): string =>
  `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;

const failures = (judged: readonly Judged[]): string => {
  const counted = new Map<string, number>();
  for (const rule of judged.flatMap(({ failed }) => failed)) counted.set(rule, (counted.get(rule) ?? 0) + 1);
  return (
    [...counted]
      .sort((a, b) => b[1] - a[1])
      .map(([rule, count]) => `${rule} ${count}`)
      .join(', ') || '–'
  );
};

const byKind = (judged: readonly Judged[]): readonly (readonly (string | number)[])[] =>
  [...new Set(judged.map(({ kind }) => kind))].map((kind) => {
    const own = judged.filter((each) => each.kind === kind);
    return [
      kind,
      ...outcomes(own),
      range(own.map(({ effect }) => effect.lossPercent.estimate)),
      range(own.map(({ effect }) => effect.gainPoints.estimate)),
      failures(own),
    ];
  });

/** Of candidates whose loss is known to be that large: the whole interval lies above. */
const harmful = (judged: readonly Judged[], percentLost: number): string => {
  const known = judged.filter(({ effect }) => (effect.lossPercent.low ?? -Infinity) >= percentLost);
  return `${countOf(known, 'ACCEPT')} of ${known.length} were accepted: ${withInterval(countOf(known, 'ACCEPT'), known.length)}`;
};

const real = ({ real: { judged, sizes, config, parameters } }: StudyResults): readonly string[] => {
  const sound = judged.filter(({ kind }) => kind !== 'evaluator bug');
  const harmless = sound.filter(({ effect }) => effect.lossPercent.estimate <= 0 && effect.gainPoints.estimate >= 1);
  const bugs = judged.filter(({ kind }) => kind === 'evaluator bug');
  const { blocks, documents } = config.evaluation;
  return [
    '## Real candidates of known effect',
    '',
    `${judged.length} candidates of one champion (${parameters.toLocaleString('en')} parameters, bytes), made on purpose and judged by the whole loop as the`,
    `second of a lineage under its constitution: ${documents} documents and ${blocks} blocks drawn from each candidate's hash, both`,
    `evaluators, drift, calibration. The true effect is measured on ${sizes.documents} documents and ${sizes.blocks} blocks that no verdict reads.`,
    'One base and one champion: the counts speak about these candidates, and their intervals, which take candidates for',
    'independent, about others made in the same way from the same champion.',
    '',
    ...table(
      ['true effect on general quality', 'candidates', 'accepted', 'rejected', 'inconclusive'],
      BANDS.map(([name, from, to]) => {
        const own = sound.filter(
          ({ effect: { lossPercent } }) => lossPercent.estimate > from && lossPercent.estimate <= to,
        );
        return [name, ...outcomes(own)];
      }),
    ),
    `- Losing the margin or more, with the whole interval above it: ${harmful(sound, MARGIN_PERCENT)}.`,
    `- Losing twice the margin or more, likewise: ${harmful(sound, 2 * MARGIN_PERCENT)}.`,
    `- Losing nothing and gaining a point or more by the estimates: ${countOf(harmless, 'ACCEPT')} of ${harmless.length} were accepted.`,
    `- With a mistake in the evaluator: ${countOf(bugs, 'ACCEPT')} of ${bugs.length} were accepted, whatever the candidate was.`,
    '',
    ...table(
      ['made by', 'n', 'accepted', 'rejected', 'inconclusive', 'true loss, %', 'true gain, points', 'rules failed'],
      byKind(judged),
    ),
  ];
};

/** The page of the study in Markdown. @param plot file name of the plot beside it */
export const gateReport = (results: StudyResults, plot: string): string =>
  [
    '# What the gate lets through',
    '',
    `Written by \`${results.command}\`, seed \`${results.seed}\`: the same command writes the same page. The criteria stand in`,
    '`src/experiment/domain/gate-criteria.ts`; a short version of all of it runs inside `npm test`.',
    '',
    `![Verdicts by true effect](${plot})`,
    '',
    ...simulated(results),
    ...real(results),
  ].join('\n');
