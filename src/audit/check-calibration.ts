import { decodeCalibration, calibrationFigures } from '#evaluation/domain/calibration-results.js';
import { decodeResults } from '#evaluation/domain/item-results.js';
import { canonicalJson } from '#ledger/record.js';
import { calibratedShare } from '#loop/calibrate-step.js';
import { contradictionOf } from '#loop/calibration-contradiction.js';
import type { JudgingPorts } from '#loop/loop-ports.js';
import { drawItems } from '#loop/draw-items.js';
import type { JudgingContext } from '#loop/run-context.js';
import type { DataOf } from '#run/domain/events.js';
import { candidateIn, type Cycle } from '#run/domain/cycle.js';
import type { WrongFigure } from './check-probe.js';

type Calibration = DataOf<'CalibrationMeasured'>;

/**
 * Holds a measured calibration against the documents that the candidate draws, the model's own probes of them, and the
 * results it names. That the probabilities are what the weights give is for a replay to show. @throws MalformedResults
 */
export const checkCalibration = async (
  { artifacts }: JudgingPorts,
  context: JudgingContext,
  cycle: Cycle,
  measured: Calibration,
): Promise<readonly WrongFigure[]> => {
  const results = decodeCalibration(await artifacts.get(measured.results));
  const items = drawItems(context, cycle.cycle, candidateIn(cycle) ?? '', 'gate');
  const { documents } = calibratedShare(context, items);
  const probe = cycle.probes.find(({ subject, role }) => subject === measured.subject && role === 'gate');
  if (!probe)
    return [{ field: 'subject', recorded: measured.subject, recomputed: 'one that was shown the gate suite' }];
  const wrong = contradictionOf(results, documents, decodeResults(await artifacts.get(probe.results)));
  if (wrong) {
    const { place, calibrated, probed } = wrong;
    const say = (document: object | undefined): string => (document ? canonicalJson(document) : 'nothing');
    return [{ field: `results of document ${place}`, recorded: say(calibrated), recomputed: say(probed) }];
  }
  const { suite } = context.gate.sealed;
  const expected = { suite, evaluator: results.evaluator, ...calibrationFigures(results) };
  return [...Object.entries(expected), ['suite', results.suite] as const].flatMap(([field, value]) => {
    const [recorded, recomputed] = [canonicalJson(measured[field as keyof Calibration]), canonicalJson(value)];
    return recorded === recomputed ? [] : [{ field, recorded, recomputed }];
  });
};
