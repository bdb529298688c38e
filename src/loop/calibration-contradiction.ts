import type { CalibrationResults } from '#evaluation/domain/calibration-results.js';
import type { ItemResults } from '#evaluation/domain/item-results.js';
import type { Unit } from '#suite/domain/items.js';

/** Two sums of the same losses, by two logarithms: what their roundings may differ by, nats per byte. */
const TOLERANCE_NATS_PER_BYTE = 1e-6;

type Shown = Readonly<{ id: string; scored: number; correct: number; nllNats: number | null }>;

/** What the probes of the same model say of these documents: it was shown them before. */
const shown = (documents: readonly Unit[], { items }: ItemResults): readonly Shown[] =>
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

/** A document of which a calibration says something else than the probes of the same model; undefined where it has none. */
export type Contradiction = Readonly<{ place: number; calibrated: Shown | undefined; probed: Shown | undefined }>;

const said = (document: Shown | undefined): string =>
  document ? `${document.correct} of ${document.scored} right, ${document.nllNats ?? 'no finite'} nats` : 'nothing';

export const contradictionSentence = ({ place, calibrated, probed }: Contradiction): string =>
  `document ${place} (${(calibrated ?? probed)?.id}): its raw outputs come to ${said(calibrated)}; its probes to ${said(probed)}`;

/** The first document of the share without as many right answers, and the loss, that its probes have. */
export const contradictionOf = (
  { documents }: CalibrationResults,
  units: readonly Unit[],
  probes: ItemResults,
): Contradiction | undefined => {
  const expected = shown(units, probes);
  const length = Math.max(documents.length, expected.length);
  const place = Array.from({ length }, (_, at) => at).find((at) => {
    const [is, should] = [documents[at], expected[at]];
    if (!is || !should) return true;
    const half = at % 2 === 0 ? is.covered === null : is.covered !== null && is.covered <= is.scored;
    const counted = is.id === should.id && is.scored === should.scored && is.correct === should.correct;
    return !counted || !half || !close(is.nllNats, should.nllNats, is.scored);
  });
  if (place === undefined) return undefined;
  return { place, calibrated: documents[place], probed: expected[place] };
};
