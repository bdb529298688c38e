import { z } from 'zod';
import { areaUnderRiskCoverage, ECE_BINS, expectedCalibrationError } from './calibration.js';
import { MalformedResults } from './item-results.js';

const countSchema = z.int().nonnegative();

/** A figure that is not finite is null, which no rule passes. */
const documentSchema = z.strictObject({
  /** Sum over scored bytes of the squared distance of the probabilities from the right answer. */
  brierSum: z.number().nullable(),
  correct: countSchema,
  /** Bytes whose prediction set held the right one; null in the half that the threshold comes from. */
  covered: countSchema.nullable(),
  id: z.string().min(1),
  nllNats: z.number().nullable(),
  scored: z.int().positive(),
  /** Bytes in all prediction sets together. */
  setSizeSum: countSchema.nullable(),
});

const resultsSchema = z.strictObject({
  /** By bin of equal mass, the most confident first; null where a confidence is not finite. */
  confidenceSums: z.array(z.number()).length(ECE_BINS).nullable(),
  documents: z.array(documentSchema).min(1),
  evaluator: z.string().min(1),
  /** Right (1) or wrong (0) at every scored byte, by falling confidence. */
  right: z.string().regex(/^[01]*$/),
  suite: z.string().min(1),
  /** Least probability of a byte that a prediction set holds. */
  threshold: z.number().nullable(),
});

export type DocumentCalibration = Readonly<z.output<typeof documentSchema>>;

/** How sure a model was of each document's bytes, in the order drawn, and what every figure of calibration follows from. */
export type CalibrationResults = Readonly<z.output<typeof resultsSchema>>;

/**
 * The artifact: RFC 8785 JSON in UTF-8; fields as in the schema above.
 * @throws MalformedResults unless the documents and the string of right answers count the same bytes
 */
export const encodeCalibration = (results: CalibrationResults): Uint8Array => {
  const { confidenceSums, documents, evaluator, right, suite, threshold } = results;
  const sorted = {
    confidenceSums,
    documents: documents.map(({ brierSum, correct, covered, id, nllNats, scored, setSizeSum }) => ({
      brierSum,
      correct,
      covered,
      id,
      nllNats,
      scored,
      setSizeSum,
    })),
    evaluator,
    right,
    suite,
    threshold,
  };
  const checked = resultsSchema.safeParse(sorted);
  if (!checked.success) throw new MalformedResults(`${suite}: ${describe(checked.error)}`);
  const [scored, correct] = [total(documents, 'scored'), total(documents, 'correct')];
  const ones = right.replaceAll('0', '').length;
  if (right.length !== scored || ones !== correct)
    throw new MalformedResults(
      `${suite}: ${correct} of ${scored} bytes right, but the order has ${ones} of ${right.length}`,
    );
  return new TextEncoder().encode(JSON.stringify(sorted));
};

/** @throws MalformedResults unless the bytes are exactly what {@link encodeCalibration} writes. */
export const decodeCalibration = (bytes: Uint8Array): CalibrationResults => {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new MalformedResults(`calibration results: not JSON: ${(error as Error).message}`);
  }
  const parsed = resultsSchema.safeParse(json);
  if (!parsed.success) throw new MalformedResults(`calibration results: ${describe(parsed.error)}`);
  const written = encodeCalibration(parsed.data);
  if (written.length !== bytes.length || written.some((byte, at) => byte !== bytes[at]))
    throw new MalformedResults('calibration results: the bytes are not RFC 8785 JSON');
  return parsed.data;
};

const describe = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`;
};

type Summed = 'brierSum' | 'correct' | 'covered' | 'nllNats' | 'scored' | 'setSizeSum';

/** In the order drawn: the order is part of the figure. */
const total = (documents: readonly DocumentCalibration[], field: Summed): number => {
  let sum = 0;
  for (const document of documents) sum += document[field] ?? NaN;
  return sum;
};

/** Brier score of every document, mean over its bytes, in the order drawn: lower is better; NaN where it is not finite. */
export const documentBriers = ({ documents }: CalibrationResults): readonly number[] =>
  documents.map(({ brierSum, scored }) => (brierSum ?? NaN) / scored);

const mean = (values: readonly number[]): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

/** Null where it is not finite. */
export type CalibrationFigures = Readonly<
  Record<'ece' | 'brier' | 'nllNatsPerByte' | 'aurc' | 'coverage' | 'setSizeMean', number | null>
> &
  Readonly<{ documents: number; scoredBytes: number }>;

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);

/**
 * Brier score and loss are means over documents; ECE and AURC are over all bytes together, coverage and set size over those
 * of the half that was measured.
 */
export const calibrationFigures = (results: CalibrationResults): CalibrationFigures => {
  const { documents, right, confidenceSums } = results;
  const ordered = Uint8Array.from(right, Number);
  const measured = documents.filter(({ covered }) => covered !== null);
  const bytes = total(measured, 'scored');
  return {
    documents: documents.length,
    scoredBytes: right.length,
    ece: confidenceSums ? finiteOrNull(expectedCalibrationError(confidenceSums, ordered)) : null,
    brier: finiteOrNull(mean(documentBriers(results))),
    nllNatsPerByte: finiteOrNull(mean(documents.map(({ nllNats, scored }) => (nllNats ?? NaN) / scored))),
    aurc: confidenceSums ? finiteOrNull(areaUnderRiskCoverage(ordered)) : null,
    coverage: finiteOrNull(total(measured, 'covered') / bytes),
    setSizeMean: finiteOrNull(total(measured, 'setSizeSum') / bytes),
  };
};
