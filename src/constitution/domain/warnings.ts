import type { Constitution } from './document.js';
import { eProcess } from './e-process.js';
import { alphaShare } from './judge.js';
import { thetaOf } from './paired-rule.js';
import { plannedMetrics, whatTheGateSees } from './power.js';
import type { RuleOf } from './rules.js';
import { pairedRules, trueDifference, type MeasuredMetric } from './simulation.js';
import { count } from './wording.js';

/** Something that a document may say and that is likely not meant. */
export type Warning = Readonly<{ path: string; sentence: string }>;

const warn = (path: string, sentence: string): readonly Warning[] => [{ path, sentence: `${path}: ${sentence}` }];

/** The least an update within the scope uses of a budget; undefined where the scope says nothing about it. */
const leastUsed = ({ scope }: Constitution, quantity: RuleOf<'BUDGET'>['quantity']): number | undefined => {
  const { steps, batch, sequence } = scope.regime;
  if (quantity === 'steps') return steps.min;
  return quantity === 'tokens' ? steps.min * batch.min * sequence.min : undefined;
};

const budgets = (constitution: Constitution): readonly Warning[] =>
  constitution.rules.flatMap((rule) => {
    if (rule.kind !== 'BUDGET') return [];
    const path = `rules.${rule.rule}.atMost`;
    const least = leastUsed(constitution, rule.quantity);
    if (least !== undefined && least > rule.atMost)
      return warn(
        path,
        `${rule.atMost} ${rule.quantity} can be met by no regime in scope, which uses ${least} at least`,
      );
    const moves = rule.quantity === 'klNatsPerByte' || rule.quantity === 'weightRatio';
    if (moves && rule.atMost === 0)
      return warn(path, 'an update that changes nothing at all is the only one within it');
    return [];
  });

/** Ranges of which no regime can ever use a part, because another field or a budget stands against it. */
const unusedRanges = ({ scope, rules }: Constitution): readonly Warning[] => {
  const { steps, batch, sequence, warmupSteps, klBeta, generalBatch } = scope.regime;
  const at = (field: string): string => `scope.regime.${field}`;
  const budgetOf = (quantity: string): number =>
    rules.reduce(
      (least, rule) =>
        rule.kind === 'BUDGET' && rule.quantity === quantity && rule.atMost < least ? rule.atMost : least,
      Infinity,
    );
  const tokens = budgetOf('tokens');
  const limits = [
    {
      field: 'steps',
      range: steps,
      most: Math.min(budgetOf('steps'), Math.floor(tokens / (batch.min * sequence.min))),
    },
    { field: 'batch', range: batch, most: Math.floor(tokens / (steps.min * sequence.min)) },
    { field: 'sequence', range: sequence, most: Math.floor(tokens / (steps.min * batch.min)) },
  ];
  const cut = limits.flatMap(({ field, range, most }) =>
    range.min <= most && most < range.max
      ? warn(at(`${field}.max`), `${range.max} is never reached, since the budgets end at ${most}`)
      : [],
  );
  const lowest = Math.ceil(sequence.min / 64) * 64;
  return [
    ...cut,
    ...(lowest > sequence.max
      ? warn(at('sequence'), `${sequence.min} to ${sequence.max} holds no multiple of 64, so no regime is in scope`)
      : []),
    ...(warmupSteps.min >= steps.max
      ? warn(
          at('warmupSteps.min'),
          `${warmupSteps.min} is not below the most steps, ${steps.max}, so no regime is in scope`,
        )
      : []),
    ...(klBeta.max === 0 && generalBatch.max > 0
      ? warn(at('generalBatch'), 'is not used, since klBeta can only be 0')
      : []),
    ...(generalBatch.max === 0 && klBeta.max > 0
      ? warn(at('klBeta'), 'is not used, since generalBatch can only be 0')
      : []),
    ...(scope.allocationPolicies.every((policy) => policy === 'frozen')
      ? warn('scope.allocationPolicies', 'only frozen is allowed, so nothing is ever trained and no range is used')
      : []),
  ];
};

const HOPED = { gainPoints: 3, degradationPercent: 0 };

/** Rules whose evidence stays below one over the share of alpha even where every unit is alike and the candidate good. */
const outOfReach = (constitution: Constitution, metrics: readonly MeasuredMetric[]): readonly Warning[] => {
  const alpha = alphaShare(constitution);
  return pairedRules(constitution).flatMap((rule) => {
    const measured = metrics.find(({ metric }) => metric === rule.metric);
    if (rule.kind === 'PROGRESS' || !measured) return [];
    const { units, referenceMean } = measured;
    const differences = Array.from({ length: units }, () => trueDifference(rule, HOPED, referenceMean));
    const theta = thetaOf(rule, referenceMean);
    const mirrorAlpha = constitution.alphaPlan.rejectAlpha;
    const { outcome, eValue } = eProcess({ differences, theta, largestLoss: rule.largestLoss, alpha, mirrorAlpha });
    if (outcome === 'pass') return [];
    const [share, reached] = [1 / alpha, eValue].map((value) => Number(value.toPrecision(3)));
    return warn(
      'alphaPlan',
      `a share of alpha asks for evidence of ${share} to 1; for ${rule.rule}, ${count(rule, units)} without any noise reach ${reached}`,
    );
  });
};

/** Everything that is likely not meant, planned with the sizes and spreads given. */
export const warningsOf = (
  constitution: Constitution,
  metrics: readonly MeasuredMetric[] = plannedMetrics,
  simulated: Parameters<typeof whatTheGateSees>[2] = {},
): readonly Warning[] => {
  const { hopeless } = whatTheGateSees(constitution, metrics, simulated);
  return [
    ...budgets(constitution),
    ...unusedRanges(constitution),
    ...outOfReach(constitution, metrics),
    ...(constitution.onDrift === 'go-on'
      ? warn(
          'onDrift',
          'go-on lets general quality creep away from champion to champion; leave it out unless that is what is studied',
        )
      : []),
    ...(hopeless === null ? [] : warn('rules', hopeless)),
  ];
};
