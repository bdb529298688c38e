import { evaluatorActor } from '#doors/actors.js';
import { calibrate } from '#evaluation/calibrate.js';
import {
  calibrationFigures,
  encodeCalibration,
  type CalibrationResults,
} from '#evaluation/domain/calibration-results.js';
import { decodeResults } from '#evaluation/domain/item-results.js';
import { EvaluatorFailed } from '#evaluation/evaluator.js';
import { decide } from '#ledger/ledger.js';
import type { Cycle } from '#run/domain/cycle.js';
import { measureCalibration as measured } from '#run/domain/evidence-decisions.js';
import type { DataOf } from '#run/domain/events.js';
import type { Calibrated } from '#run/domain/next-step.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import type { ItemSet, Unit } from '#suite/domain/items.js';
import { contradictionOf, contradictionSentence } from './calibration-contradiction.js';
import { guarded } from './evaluating.js';
import type { LoopPorts } from './loop-ports.js';
import { drawItems } from './draw-items.js';
import { checkpointOf } from './probe-step.js';
import type { RunContext } from './run-context.js';

/** The share of the gate's documents that calibration is measured on: shown to this very model before, so no new query. */
export const calibratedShare = (
  { config }: Pick<RunContext, 'config'>,
  { sequences, units }: ItemSet,
): Readonly<{ sequences: Uint8Array; documents: readonly Unit[] }> => ({
  sequences,
  documents: units.slice(0, config.evaluation.calibrationDocuments),
});

/** @throws EvaluatorFailed when the primary's probes of the same documents say something else: one of the two is wrong */
const requireConsistent = async (
  { artifacts, primary }: LoopPorts,
  { probes }: Cycle,
  of: Calibrated,
  { results, documents }: Readonly<{ results: CalibrationResults; documents: readonly Unit[] }>,
): Promise<void> => {
  const probe = probes.find(({ subject, role }) => subject === of && role === 'gate');
  const wrong = probe && contradictionOf(results, documents, decodeResults(await artifacts.get(probe.results)));
  if (wrong) throw new EvaluatorFailed(primary.name, contradictionSentence(wrong), { kind: 'contradictory' });
};

export const measureCalibration = async (
  ports: LoopPorts,
  context: RunContext,
  run: Started,
  cycle: number,
  subject: Calibrated,
): Promise<void> => {
  const { artifacts } = ports;
  const primary = guarded(ports, ports.primary);
  const { suite } = context.gate.sealed;
  const checkpoint = checkpointOf(run, cycle, subject);
  const share = calibratedShare(context, drawItems(context, cycle, checkpointOf(run, cycle, 'candidate'), 'gate'));
  const results = await calibrate(primary, await artifacts.get(checkpoint), { suite, ...share });
  await requireConsistent(ports, cycleOf(run, cycle), subject, { results, ...share });
  const data: DataOf<'CalibrationMeasured'> = {
    cycle,
    subject,
    checkpoint,
    suite,
    evaluator: primary.name,
    ...calibrationFigures(results),
    results: await artifacts.put(encodeCalibration(results)),
    env: { build: primary.build },
  };
  await decide(ports.ledger, runStream, context.config.run, measured(data), { actor: evaluatorActor(primary.name) });
};
