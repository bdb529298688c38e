import type { Constitution } from '#constitution/domain/document.js';
import { clopperPearson } from './exact-binomial.js';
import type { Gate, LineageCounts, Scenario } from './gate-lineages.js';

/** Below this a 2-point gain without loss must not be accepted at any k. */
export const WANTED_POWER = 0.8;

/** Margin of the rule that harm is counted by, percent of the anchor's bits per byte. */
export const MARGIN_PERCENT = 1;

export const SCENARIOS = {
  creep: { name: 'creep of 0.2% a cycle', loss: { percent: 0.2, from: 'champion' }, gainPoints: 2 },
  atMargin: { name: 'harm of the margin', loss: { percent: MARGIN_PERCENT, from: 'anchor' }, gainPoints: 2 },
  twice: { name: 'harm of twice the margin', loss: { percent: 2 * MARGIN_PERCENT, from: 'anchor' }, gainPoints: 2 },
  harmless: { name: 'harmless, +2 points', loss: { percent: 0, from: 'anchor' }, gainPoints: 2 },
} as const satisfies Readonly<Record<string, Scenario>>;
export type ScenarioKey = keyof typeof SCENARIOS;

/** `refuted`: the interval excludes what is asked; `shown`: it lies within; `open`: the lineages do not tell. */
export type Finding = Readonly<{
  criterion: string;
  outcome: 'shown' | 'open' | 'refuted';
  /** Share that was seen and its exact 95% interval. */
  share: number;
  low: number;
  high: number;
}>;

type Counted = Readonly<Record<ScenarioKey, LineageCounts>>;

const atMost = (criterion: string, hits: number, lineages: number, bound: number): Finding => {
  const { low, high } = clopperPearson(hits, lineages);
  const outcome = low > bound ? 'refuted' : high <= bound || (bound === 0 && hits === 0) ? 'shown' : 'open';
  return { criterion, outcome, share: hits / lineages, low, high };
};

/** The least accepted of all cycles; its interval holds for all of them together (Bonferroni). */
const power = ({ accepted, lineages }: LineageCounts): Finding => {
  const judged = accepted.slice(0, -1);
  const least = Math.min(...judged);
  const { low, high } = clopperPearson(least, lineages, 1 - 0.05 / judged.length);
  const outcome = high < WANTED_POWER ? 'refuted' : low >= WANTED_POWER ? 'shown' : 'open';
  const criterion = `harmless +2 points accepted in at least ${100 * WANTED_POWER}% at every k`;
  return { criterion, outcome, share: least / lineages, low, high };
};

/** What is asked of a gate, of any gate alike. `alpha` is what the lineage may err by. */
export const judgeGate = (counted: Counted, alpha: number): readonly Finding[] => {
  const all = Object.values(counted);
  const sum = (of: (counts: LineageCounts) => number): number => all.reduce((total, counts) => total + of(counts), 0);
  const most = `at most ${100 * alpha}% of lineages`;
  return [
    atMost(`creep: a harmful candidate accepted in ${most}`, counted.creep.harmed, counted.creep.lineages, alpha),
    atMost(`harm = margin: accepted in ${most}`, counted.atMargin.harmed, counted.atMargin.lineages, alpha),
    atMost('harm = 2 x margin: never accepted', counted.twice.harmed, counted.twice.lineages, 0),
    power(counted.harmless),
    atMost(
      'alpha never overspent, nothing accepted beyond the plan',
      sum(({ overspent }) => overspent),
      sum(({ lineages }) => lineages),
      0,
    ),
  ];
};

type Changed = (rule: Constitution['rules'][number]) => Constitution['rules'][number];
const withRules = (constitution: Constitution, change: Changed): Constitution => ({
  ...constitution,
  rules: constitution.rules.map(change),
});

/** The gate itself, then three that are wrong: each must be refuted by the same criteria. */
export const gatesOnTrial = (constitution: Constitution): readonly [Gate, ...Gate[]] => [
  { name: 'the gate', constitution, firstCandidate: 1 },
  {
    name: 'compares with the predecessor only',
    constitution: withRules(constitution, (rule) =>
      'reference' in rule ? { ...rule, reference: 'champion' as const } : rule,
    ),
    firstCandidate: 1,
  },
  {
    name: 'has the sign of its margins flipped',
    constitution: withRules(constitution, (rule) => {
      if (rule.kind !== 'NON-INFERIORITY') return rule;
      const { margin } = rule;
      return {
        ...rule,
        margin: 'relative' in margin ? { relative: -margin.relative } : { absolute: -margin.absolute },
      };
    }),
    firstCandidate: 1,
  },
  { name: 'counts candidates from 0, so that alpha is off by one', constitution, firstCandidate: 0 },
];
