import { documentBriers, type CalibrationResults } from '#evaluation/domain/calibration-results.js';
import type { Evidence, Paired } from '#constitution/domain/evidence.js';
import type { ItemResults } from '#evaluation/domain/item-results.js';
import { unitAccuracy, unitBitsPerByte, type Unit } from '#suite/domain/items.js';
import type { DataOf } from './events.js';
import type { Subject } from './evidence-events.js';
import { countHeld, honeypotsHeld } from './controls.js';
import type { Cycle } from './cycle.js';
import type { Started } from './run.js';

export const GENERAL_METRIC = 'general-bits-per-byte';
export const CAPABILITY_METRIC = 'capability';
export const CALIBRATION_METRIC = 'calibration-brier';
/** Of the scout suite, before the name of a domain: nats per scored position. */
export const SCOUT_LOSS_PREFIX = 'loss.';

/** What the judge needs and the run has not got: the verdict is a REJECT for missing evidence. */
export class EvidenceMissing extends Error {
  override readonly name = 'EvidenceMissing';
}

type Measure = 'bits-per-byte' | 'accuracy';

/** The units behind a list of item results: an item id is `<unit>/<place>`, items of a unit in their order. */
const unitsOf = ({ items }: ItemResults): readonly Unit[] => {
  const units = new Map<string, number[]>();
  items.forEach(({ id }, index) => {
    const unit = id.slice(0, id.lastIndexOf('/'));
    units.set(unit, [...(units.get(unit) ?? []), index]);
  });
  return [...units].map(([id, sequences]) => ({ id, kind: 'block', domain: null, sequences }));
};

/** Value of every unit in the order shown: bits per byte of documents, or accuracy of blocks. */
export const unitValues = (results: ItemResults, measure: Measure): readonly number[] =>
  unitsOf(results).map((unit) =>
    measure === 'accuracy' ? unitAccuracy(unit, results.items) : unitBitsPerByte(unit, results.items),
  );

const mean = (values: readonly number[]): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

const pair = (
  metric: string,
  reference: 'anchor' | 'champion',
  measure: Measure,
  candidate: ItemResults,
  against: ItemResults,
): Paired => {
  if (
    candidate.items.some((item, at) => against.items[at]?.id !== item.id) ||
    candidate.items.length !== against.items.length
  )
    throw new EvidenceMissing(`for ${metric}, candidate and ${reference} were shown different items`);
  const own = unitValues(candidate, measure);
  const other = unitValues(against, measure);
  const sign = measure === 'accuracy' ? 1 : -1;
  return {
    metric,
    reference,
    referenceMean: mean(other),
    differences: own.map((value, at) => sign * (value - (other[at] ?? NaN))),
  };
};

/** What the artifacts and other streams add to the run's own events. */
export type EvidenceSources = Readonly<{
  results: (hash: string) => ItemResults;
  calibration: (hash: string) => CalibrationResults;
  /** SHA-256 of the names and shapes of a checkpoint's tensors, and whether all its weights are finite. */
  candidate: Readonly<{ architecture: string; finite: boolean }>;
  /** Most candidates the constitution judges on one lineage. */
  kMax: number;
}>;

const probe = (cycle: Cycle, subject: Subject, role: 'gate' | 'shadow'): DataOf<'ProbesRecorded'> => {
  const found = cycle.probes.find((candidate) => candidate.subject === subject && candidate.role === role);
  if (!found) throw new EvidenceMissing(`there are no ${role} probes of the ${subject}`);
  return found;
};

/** Nothing where it was not measured: a rule about it then misses its evidence. */
const calibrationPair = ({ calibration }: Cycle, sources: EvidenceSources): readonly Paired[] => {
  const of = (subject: 'anchor' | 'candidate'): CalibrationResults | undefined => {
    const found = calibration.find((measured) => measured.subject === subject);
    return found && sources.calibration(found.results);
  };
  const [candidate, anchor] = [of('candidate'), of('anchor')];
  if (!candidate || !anchor) return [];
  const metric = CALIBRATION_METRIC;
  if (
    candidate.documents.length !== anchor.documents.length ||
    candidate.documents.some(({ id }, at) => anchor.documents[at]?.id !== id)
  )
    throw new EvidenceMissing(`for ${metric}, candidate and anchor were shown different documents`);
  const [own, other] = [documentBriers(candidate), documentBriers(anchor)];
  const differences = own.map((value, at) => (other[at] ?? NaN) - value);
  return [{ metric, reference: 'anchor', referenceMean: mean(other), differences }];
};

const measured = (cycle: Cycle, metric: string): number | null => {
  const found = cycle.drift.find((candidate) => candidate.metric === metric);
  if (!found) throw new EvidenceMissing(`${metric} was not measured`);
  return found.value;
};

/** Number of a cycle's candidate among all judged on the lineage, and the alpha that those before it cost. */
export const lineageAt = (run: Started, { cycle }: Cycle, kMax: number): Evidence['lineage'] => {
  const judged = run.cycles.filter((other) => other.verdict && other.cycle < cycle);
  return {
    k: run.lineage.judgedBefore + judged.length + 1,
    kMax,
    alphaSpent: judged.reduce((sum, { verdict }) => sum + (verdict?.alphaSpent ?? 0), run.lineage.alphaSpentBefore),
  };
};

/**
 * Everything the judge may look at for a cycle's candidate, from events and artifacts alone: an auditor gets the same.
 * @throws EvidenceMissing
 */
export const assembleEvidence = (run: Started, cycle: Cycle, sources: EvidenceSources): Evidence => {
  const made = cycle.produced ?? cycle.interpolated;
  if (!made || !run.anchor) throw new EvidenceMissing('there is no candidate, or no anchor to compare it with');
  if (cycle.voided)
    throw new EvidenceMissing(
      `the evaluation was voided, since evaluator ${cycle.voided.evaluator} failed (${cycle.voided.cause}): ${cycle.voided.reason}`,
    );
  if (!cycle.shadow) throw new EvidenceMissing('no second evaluator was asked');
  const [gate, shadow] = [probe(cycle, 'candidate', 'gate'), probe(cycle, 'candidate', 'shadow')];
  const results = (subject: Subject, role: 'gate' | 'shadow'): ItemResults =>
    sources.results(probe(cycle, subject, role).results);
  const compared = [cycle.shadow, ...(cycle.reference ? [cycle.reference] : [])];
  const controls = cycle.controls?.controls ?? [];
  return {
    candidate: made.candidate,
    finite: sources.candidate.finite,
    architectureUnchanged: sources.candidate.architecture === run.anchor.architecture,
    budgets: {
      steps: made.steps,
      tokens: made.tokens,
      klNatsPerByte: measured(cycle, 'kl-to-champion'),
      weightRatio: measured(cycle, 'weight-distance-to-champion'),
    },
    lineage: lineageAt(run, cycle, sources.kMax),
    suites: [
      { suite: gate.suite, role: 'gate', queriesLeft: gate.queriesLeft },
      { suite: shadow.suite, role: 'shadow', queriesLeft: shadow.queriesLeft },
    ],
    evaluators: [
      { name: gate.evaluator, build: gate.env.build, agreed: true },
      ...compared.map(({ evaluators, env, agreed }) => ({ name: evaluators[1], build: env.build, agreed })),
    ],
    controls: countHeld(controls),
    honeypotsFail: honeypotsHeld(controls),
    paired: [
      pair(GENERAL_METRIC, 'anchor', 'bits-per-byte', results('candidate', 'gate'), results('anchor', 'gate')),
      pair(CAPABILITY_METRIC, 'champion', 'accuracy', results('candidate', 'shadow'), results('champion', 'shadow')),
      ...calibrationPair(cycle, sources),
    ],
  };
};
