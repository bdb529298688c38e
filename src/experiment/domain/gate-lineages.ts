import type { Constitution } from '#constitution/domain/document.js';
import type { Evidence } from '#constitution/domain/evidence.js';
import { judgeWellFormed } from '#constitution/domain/judge.js';
import type { PairedRule } from '#constitution/domain/rules.js';
import {
  noise,
  pairedRules,
  simulatedEvidence,
  trueDifference,
  type Effect,
  type MeasuredMetric,
} from '#constitution/domain/simulation.js';

/** What every candidate of a lineage truly is. `loss` is percent of general bits per byte, from whom it is counted. */
export type Scenario = Readonly<{
  name: string;
  loss: Readonly<{ percent: number; from: 'champion' | 'anchor' }>;
  gainPoints: number;
}>;

/** A gate on trial: its rules, and how it counts the candidates of a lineage (1 for the first, if it counts right). */
export type Gate = Readonly<{ name: string; constitution: Constitution; firstCandidate: number }>;

export type LineageSetting = Readonly<{
  gate: Gate;
  scenario: Scenario;
  metrics: readonly MeasuredMetric[];
  /** Cycles that are judged in each lineage; one more comes when all are spent. */
  cycles: number;
  /** From this true loss against the anchor on a candidate is harmful. */
  harmfulPercent: number;
  seed: string;
}>;

/** Units that a rule read until it was decided. */
export type Reading = Readonly<{ rule: string; decisions: number; unitsRead: number }>;

/** What came of some lineages of one scenario; two of these add up to that of all. */
export type LineageCounts = Readonly<{
  lineages: number;
  /** Lineages in which a harmful candidate was accepted. */
  harmed: number;
  /** By cycle: candidates accepted in it. */
  accepted: readonly number[];
  rejected: number;
  inconclusive: number;
  /** Lineages that spent more than alpha, or accepted a candidate beyond the plan. */
  overspent: number;
  /** Largest true loss of a champion against the anchor at the end, percent. */
  worstPercent: number;
  readings: readonly Reading[];
}>;

const add = (a: LineageCounts, b: LineageCounts): LineageCounts => ({
  lineages: a.lineages + b.lineages,
  harmed: a.harmed + b.harmed,
  accepted: a.accepted.map((count, at) => count + (b.accepted[at] ?? 0)),
  rejected: a.rejected + b.rejected,
  inconclusive: a.inconclusive + b.inconclusive,
  overspent: a.overspent + b.overspent,
  worstPercent: Math.max(a.worstPercent, b.worstPercent),
  readings: a.readings.map(({ rule, decisions, unitsRead }, at) => ({
    rule,
    decisions: decisions + (b.readings[at]?.decisions ?? 0),
    unitsRead: unitsRead + (b.readings[at]?.unitsRead ?? 0),
  })),
});

export const addCounts = (counts: readonly LineageCounts[]): LineageCounts => counts.reduce(add);

/** Rounding in a sum of losses, so that five steps of .2% are 1%. */
const SLACK = 1e-9;

/** Cycles of a lineage draw from branches of their own: no lineage may have more. */
const BRANCHES = 1024;

type Against = Readonly<Record<PairedRule['reference'], Effect>>;

const pairedOf = ({ gate, metrics, seed, scenario }: LineageSetting, against: Against, branch: number) =>
  metrics.flatMap(({ metric, units, sd, referenceMean }): Evidence['paired'] => {
    const source = noise(`${seed}/${scenario.name}`, metric, branch);
    const draws = Array.from({ length: units }, () => source.next().value);
    const ofMetric = pairedRules(gate.constitution).filter((rule) => rule.metric === metric);
    return [...new Map(ofMetric.map((rule) => [rule.reference, rule])).values()].map((rule) => {
      const mean = trueDifference(rule, against[rule.reference], referenceMean);
      return { metric, reference: rule.reference, referenceMean, differences: draws.map((draw) => mean + sd * draw) };
    });
  });

/** One lineage: every candidate comes from the champion of the moment, and what is accepted takes its place. */
const runLineage = (setting: LineageSetting, lineage: number): LineageCounts => {
  const { gate, scenario, cycles, harmfulPercent } = setting;
  const { constitution, firstCandidate } = gate;
  const { alpha, kMax } = constitution.alphaPlan;
  const rules = pairedRules(constitution).map(({ rule }) => ({ rule, decisions: 0, unitsRead: 0 }));
  const accepted = Array.from({ length: cycles + 1 }, () => 0);
  let champion: Effect = { gainPoints: 0, degradationPercent: 0 };
  let [counted, spent, harmed, rejected, inconclusive] = [0, 0, false, 0, 0];
  for (let cycle = 0; cycle <= cycles; cycle += 1) {
    const { percent, from } = scenario.loss;
    const degradationPercent = percent + (from === 'champion' ? champion.degradationPercent : 0);
    const candidate = { gainPoints: champion.gainPoints + scenario.gainPoints, degradationPercent };
    const step = { ...candidate, degradationPercent: degradationPercent - champion.degradationPercent };
    const against = { anchor: candidate, champion: { ...step, gainPoints: scenario.gainPoints } };
    const k = cycle + firstCandidate;
    const paired = pairedOf(setting, against, lineage * BRANCHES + cycle);
    const evidence = simulatedEvidence(constitution, { k, kMax, alphaSpent: counted }, paired);
    const verdict = judgeWellFormed(constitution, evidence);
    spent += verdict.alphaSpent;
    if (k > 0) counted += verdict.alphaSpent;
    rejected += verdict.verdict === 'REJECT' ? 1 : 0;
    inconclusive += verdict.verdict === 'INCONCLUSIVE' ? 1 : 0;
    for (const { rule, outcome, paired: read } of verdict.reasons) {
      const reading = rules.find((each) => each.rule === rule);
      if (!reading || !read || outcome === 'undecided') continue;
      reading.decisions += 1;
      reading.unitsRead += read.unitsRead;
    }
    if (verdict.verdict !== 'ACCEPT') continue;
    accepted[cycle] = 1;
    harmed ||= degradationPercent >= harmfulPercent - SLACK;
    champion = candidate;
  }
  const beyond = (accepted[cycles] ?? 0) > 0;
  return {
    lineages: 1,
    harmed: harmed ? 1 : 0,
    accepted,
    rejected,
    inconclusive,
    overspent: beyond || spent > alpha * (1 + SLACK) ? 1 : 0,
    worstPercent: champion.degradationPercent,
    readings: rules,
  };
};

/** Lineages `from` up to `to`, with the project's own judge; the same numbers wherever and in how many parts they are run. */
export const runLineages = (setting: LineageSetting, from: number, to: number): LineageCounts =>
  addCounts(Array.from({ length: to - from }, (_, at) => runLineage(setting, from + at)));
