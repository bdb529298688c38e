import { constitutionInputSchema, type Constitution } from '#constitution/domain/document.js';
import { alphaShare } from '#constitution/domain/judge.js';
import { thetaOf } from '#constitution/domain/paired-rule.js';
import { plannedMetrics, unitsForPower } from '#constitution/domain/power.js';
import { pairedRules, SimulatedGate, trueDifference, type Shares } from '#constitution/domain/simulation.js';
import { fixedSampleSize } from '#experiment/domain/fixed-sample.js';
import {
  gatesOnTrial,
  judgeGate,
  MARGIN_PERCENT,
  SCENARIOS,
  WANTED_POWER,
  type Finding,
  type ScenarioKey,
} from '#experiment/domain/gate-criteria.js';
import type { Gate, LineageCounts, LineageSetting } from '#experiment/domain/gate-lineages.js';

/** Cycles of a simulated lineage. */
export const CYCLES = 40;

/** The default constitution, for lineages of this length. */
export const studied: Constitution = constitutionInputSchema.parse({ name: 'studied', alphaPlan: { kMax: CYCLES } });

export type Trial = Readonly<{
  gate: Gate;
  counts: Readonly<Record<ScenarioKey, LineageCounts>>;
  findings: readonly Finding[];
}>;

type Run = (setting: LineageSetting, lineages: number) => LineageCounts | Promise<LineageCounts>;
type Size = Readonly<{ seed: string; lineages: number; wrongLineages: number }>;

/** The gate and three wrong ones under every scenario, by the same criteria. */
export const putOnTrial = async (run: Run, { seed, lineages, wrongLineages }: Size): Promise<readonly Trial[]> => {
  const trials: Trial[] = [];
  for (const [at, gate] of gatesOnTrial(studied).entries()) {
    const counts: Partial<Record<ScenarioKey, LineageCounts>> = {};
    for (const key of Object.keys(SCENARIOS) as ScenarioKey[]) {
      const scenario = SCENARIOS[key];
      const common = { gate, scenario, metrics: plannedMetrics, cycles: CYCLES, seed };
      counts[key] = await run({ ...common, harmfulPercent: MARGIN_PERCENT }, at === 0 ? lineages : wrongLineages);
    }
    const whole = counts as Trial['counts'];
    trials.push({ gate, counts: whole, findings: judgeGate(whole, studied.alphaPlan.alpha) });
  }
  return trials;
};

/** Units that a rule needs for a harmless candidate with +2 points, beside a test that reads a number fixed before. */
export type UnitsBeside = Readonly<{ rule: string; fixed: number; sequential: number | null; meanRead: number }>;

/** @param counts of harmless candidates, for the mean that was read */
export const unitsBeside = (counts: LineageCounts, seed: string): readonly UnitsBeside[] =>
  pairedRules(studied).flatMap((rule) => {
    const metric = plannedMetrics.find((measured) => measured.metric === rule.metric);
    const read = counts.readings.find((reading) => reading.rule === rule.rule);
    if (rule.kind === 'PROGRESS' || !metric || !read) return [];
    const effect = { gainPoints: 2, degradationPercent: 0 };
    const { sd, referenceMean } = metric;
    const distance = trueDifference(rule, effect, referenceMean) - thetaOf(rule, referenceMean);
    return [
      {
        rule: rule.rule,
        fixed: fixedSampleSize({ alpha: alphaShare(studied), power: WANTED_POWER, sd, distance }),
        sequential: unitsForPower(studied, rule, metric, effect, { seed, power: WANTED_POWER }),
        meanRead: read.unitsRead / read.decisions,
      },
    ];
  });

export type CurvePoint = Readonly<{ lossPercent: number; shares: Shares }>;

/** The three verdicts on a candidate with +2 points, by its true loss. @param simulations of each point */
export const operatingCurve = (seed: string, simulations: number): readonly CurvePoint[] => {
  const gate = new SimulatedGate(studied, plannedMetrics, simulations, seed);
  return Array.from({ length: 31 }, (_, at) => {
    const lossPercent = at / 10;
    return { lossPercent, shares: gate.shares({ gainPoints: 2, degradationPercent: lossPercent }) };
  });
};
