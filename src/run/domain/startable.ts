import { policyViolations, regimeViolations, type Constitution } from '#constitution/domain/document.js';
import { plannedMetrics, whyHopeless } from '#constitution/domain/power.js';
import type { MeasuredMetric } from '#constitution/domain/simulation.js';
import type { RunConfig } from './config.js';
import { CALIBRATION_METRIC, CAPABILITY_METRIC } from './evidence.js';

const unitsOf = (metric: string, evaluation: RunConfig['evaluation']): number => {
  const { blocks, documents, calibrationDocuments } = evaluation;
  if (metric === CALIBRATION_METRIC) return Math.min(documents, calibrationDocuments);
  return metric === CAPABILITY_METRIC ? blocks : documents;
};

/** What a gate measures with a run's unit counts; spreads are the planned ones, since none is measured before a run. */
export const plannedUnits = (evaluation: RunConfig['evaluation']): readonly MeasuredMetric[] =>
  plannedMetrics.map((metric) => ({ ...metric, units: unitsOf(metric.metric, evaluation) }));

const wrongRegime = (
  constitution: Constitution,
  config: RunConfig,
  { regime, fromCycle }: RunConfig['regimes'][number],
): string | undefined => {
  const [violation] = [...regimeViolations(constitution, regime), ...policyViolations(constitution, config.policy)];
  if (violation)
    return (
      `regime "${regime.label}" from cycle ${fromCycle}: ${violation.field} is ${violation.value}; ` +
      `constitution "${constitution.name}" allows ${violation.allowed}`
    );
  return regime.sequence === config.sequence
    ? undefined
    : `regime "${regime.label}": sequence is ${regime.sequence}; the run's is ${config.sequence}, both must be equal`;
};

/**
 * Why a run of these settings cannot begin under its constitution, whatever text and log there are: a regime outside the scope,
 * or of another sequence, or a gate that could accept nothing. Undefined where nothing is against it.
 */
export const unstartable = (constitution: Constitution, config: RunConfig): string | undefined => {
  for (const regime of config.regimes) {
    const wrong = wrongRegime(constitution, config, regime);
    if (wrong !== undefined) return wrong;
  }
  const { documents, blocks } = config.evaluation;
  const hopeless = whyHopeless(constitution, plannedUnits(config.evaluation));
  return hopeless === null
    ? undefined
    : `${hopeless} The run has evaluation.documents ${documents} and evaluation.blocks ${blocks}.`;
};
