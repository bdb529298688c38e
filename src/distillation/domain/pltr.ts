import { Rng } from '#corpus/domain/random.js';

const MAGIC = 'PLTR0001';
const FIELDS_BYTES = 28;
const DIGESTS_BYTES = 64;
const VOCAB = 256;

/** Bytes that are no PLTR artifact. */
export class MalformedTraces extends Error {
  override readonly name = 'MalformedTraces';
}

/** What the head of a PLTR artifact says (docs/trainer.md), and how long everything in it is. */
export type TraceShape = Readonly<{
  count: number;
  length: number;
  logits: number;
  width: number;
  layers: readonly number[];
  headBytes: number;
  /** Of a record, its tokens included. */
  recordBytes: number;
}>;

type RecordShape = Readonly<{ length: number; logits: number; width: number; layers: number }>;

/** A byte for each kept logit says which one it is, where not all are kept. */
const namedOf = (logits: number): number => (logits > 0 && logits < VOCAB ? logits : 0);

export const traceRecordBytes = ({ length, logits, width, layers }: RecordShape): number =>
  length * (1 + namedOf(logits) + 4 * logits + 4 * width * layers);

export const traceShape = (bytes: Uint8Array): TraceShape => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FIELDS_BYTES || new TextDecoder('latin1').decode(bytes.subarray(0, 8)) !== MAGIC)
    throw new MalformedTraces(`no traces: they must begin with ${MAGIC}`);
  const [count, length, logits, width, of] = [8, 12, 16, 20, 24].map((at) => view.getUint32(at, true)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const headBytes = FIELDS_BYTES + 4 * of + DIGESTS_BYTES;
  const recordBytes = traceRecordBytes({ length, logits, width, layers: of });
  if (bytes.length !== headBytes + count * recordBytes)
    throw new MalformedTraces(
      `${bytes.length} bytes: ${count} records of ${recordBytes} behind ${headBytes} are other`,
    );
  const layers = Array.from({ length: of }, (_, at) => view.getUint32(FIELDS_BYTES + 4 * at, true));
  return { count, length, logits, width, layers, headBytes, recordBytes };
};

/** Whose traces they are and of which sequences, by SHA-256. */
export const traceSources = (bytes: Uint8Array): Readonly<{ model: string; sequences: string }> => {
  const { headBytes } = traceShape(bytes);
  const hex = (from: number): string =>
    Array.from(bytes.subarray(from, from + DIGESTS_BYTES / 2), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { model: hex(headBytes - DIGESTS_BYTES), sequences: hex(headBytes - DIGESTS_BYTES / 2) };
};

/** Hidden states after a layer, a row of `width` for each position of these sequences. */
export const hiddenStates = (bytes: Uint8Array, layer: number, sequences: readonly number[]): Float32Array => {
  const { length, width, layers, logits, headBytes, recordBytes, count } = traceShape(bytes);
  const at = layers.indexOf(layer);
  if (at < 0) throw new MalformedTraces(`layer ${layer} was not traced; there are ${layers.join(', ')}`);
  const before = traceRecordBytes({ length, logits, width, layers: at });
  const states = new Float32Array(sequences.length * length * width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  sequences.forEach((sequence, row) => {
    if (sequence >= count) throw new MalformedTraces(`sequence ${sequence}: there are ${count}`);
    const from = headBytes + sequence * recordBytes + before;
    const to = row * length * width;
    for (let i = 0; i < length * width; i += 1) states[to + i] = view.getFloat32(from + 4 * i, true);
  });
  return states;
};

/** Whose trace each sequence gets in the control, never its own: one cycle through all of them, drawn from the seed [Sattolo 1986]. */
export const shuffledOrder = (seed: string, count: number): readonly number[] => {
  const draws = Rng.from(seed, 'shuffled-traces');
  const order = Array.from({ length: count }, (_, at) => at);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = draws.below(last);
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order;
};

/** The same artifact with everything that follows the tokens of a record taken from another record. */
export const shuffleTraces = (bytes: Uint8Array, seed: string): Uint8Array => {
  const { count, length, headBytes, recordBytes } = traceShape(bytes);
  const shuffled = bytes.slice();
  shuffledOrder(seed, count).forEach((from, to) => {
    const source = headBytes + from * recordBytes;
    shuffled.set(bytes.subarray(source + length, source + recordBytes), headBytes + to * recordBytes + length);
  });
  return shuffled;
};
