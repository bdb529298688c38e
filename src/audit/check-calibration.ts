import {
  decodeCalibration,
  calibrationFigures,
  type CalibrationResults,
} from '#evaluation/domain/calibration-results.js';
import { decodeResults, type ItemResults } from '#evaluation/domain/item-results.js';
import { canonicalJson } from '#ledger/record.js';
import { calibratedShare } from '#loop/calibrate-step.js';
import type { JudgingPorts } from '#loop/loop-ports.js';
import { drawItems } from '#loop/draw-items.js';
import type { JudgingContext } from '#loop/run-context.js';
import type { DataOf } from '#run/domain/events.js';
import { candidateIn, type Cycle } from '#run/domain/cycle.js';
import type { Unit } from '#suite/domain/items.js';
import type { WrongFigure } from './check-probe.js';

type Calibration = DataOf<'CalibrationMeasured'>;

/** Two sums of the same losses, by two logarithms: what their roundings may differ by, nats per byte. */
const TOLERANCE_NATS_PER_BYTE = 1e-6;

type Shown = Readonly<{ id: string; scored: number; correct: number }>;

/** What the probes of the same model say of these documents: it was shown them before. */
const probed = (documents: readonly Unit[], { items }: ItemResults): readonly (Shown & { nllNats: number | null })[] =>
  documents.map(({ id, sequences }) => {
    let [scored, correct, nats] = [0, 0, 0];
    for (const index of sequences) {
      const item = items[index];
      scored += item?.scored ?? 0;
      correct += item?.correct ?? 0;
      nats += item?.nllNats ?? NaN;
    }
    return { id, scored, correct, nllNats: Number.isFinite(nats) ? nats : null };
  });

const close = (a: number | null, b: number | null, scored: number): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= TOLERANCE_NATS_PER_BYTE * scored;

/** Every document of the share, with as many right answers and the loss that its probes have. */
const wrongDocument = (
  { documents }: CalibrationResults,
  expected: ReturnType<typeof probed>,
): WrongFigure | undefined => {
  const length = Math.max(documents.length, expected.length);
  const place = Array.from({ length }, (_, at) => at).find((at) => {
    const [is, should] = [documents[at], expected[at]];
    if (!is || !should) return true;
    const half = at % 2 === 0 ? is.covered === null : is.covered !== null && is.covered <= is.scored;
    const counted = is.id === should.id && is.scored === should.scored && is.correct === should.correct;
    return !counted || !half || !close(is.nllNats, should.nllNats, is.scored);
  });
  if (place === undefined) return undefined;
  const say = (document: object | undefined): string => (document ? canonicalJson(document) : 'nothing');
  const recomputed = say(expected[place]);
  return { field: `results of document ${place}`, recorded: say(documents[place]), recomputed };
};

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
  const wrong = wrongDocument(results, probed(documents, decodeResults(await artifacts.get(probe.results))));
  if (wrong) return [wrong];
  const { suite } = context.gate.sealed;
  const expected = { suite, evaluator: results.evaluator, ...calibrationFigures(results) };
  return [...Object.entries(expected), ['suite', results.suite] as const].flatMap(([field, value]) => {
    const [recorded, recomputed] = [canonicalJson(measured[field as keyof Calibration]), canonicalJson(value)];
    return recorded === recomputed ? [] : [{ field, recorded, recomputed }];
  });
};
