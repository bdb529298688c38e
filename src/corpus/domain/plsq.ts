import type { TaskSequence } from './family.js';

const MAGIC = 'PLSQ0001';
const HEADER_BYTES = 16;

/** Bytes that are no PLSQ blob, or sequences that make none. */
export class MalformedSequences extends Error {
  override readonly name = 'MalformedSequences';
}

/** A PLSQ blob under construction: "PLSQ0001", uint32 LE count, uint32 LE T, then T tokens, T targets, T mask bytes each. */
export class SequenceBlob {
  readonly bytes: Uint8Array;
  private written = 0;

  constructor(
    readonly count: number,
    readonly length: number,
  ) {
    if (!Number.isInteger(length) || length <= 0 || length % 64 !== 0)
      throw new MalformedSequences(`sequence length ${length}: must be a positive multiple of 64`);
    if (!Number.isInteger(count) || count <= 0) throw new MalformedSequences(`${count} sequences: at least 1 needed`);
    this.bytes = new Uint8Array(HEADER_BYTES + count * 3 * length);
    this.bytes.set(new TextEncoder().encode(MAGIC));
    const view = new DataView(this.bytes.buffer);
    view.setUint32(8, count, true);
    view.setUint32(12, length, true);
  }

  add(sequence: TaskSequence): void {
    const { tokens, targets, mask } = sequence;
    if (tokens.length !== this.length || targets.length !== this.length || mask.length !== this.length)
      throw new MalformedSequences(`sequence ${this.written}: ${tokens.length} tokens, must be ${this.length}`);
    const at = this.place();
    this.bytes.set(tokens, at);
    this.bytes.set(targets, at + this.length);
    this.bytes.set(mask, at + 2 * this.length);
  }

  /** Adds text of T + 1 bytes with every position scored. */
  addText(text: Uint8Array): void {
    if (text.length !== this.length + 1)
      throw new MalformedSequences(`text of ${text.length} bytes: must be ${this.length + 1}`);
    const at = this.place();
    this.bytes.set(text.subarray(0, this.length), at);
    this.bytes.set(text.subarray(1), at + this.length);
    this.bytes.fill(1, at + 2 * this.length, at + 3 * this.length);
  }

  /** The finished blob. */
  finish(): Uint8Array {
    if (this.written !== this.count)
      throw new MalformedSequences(`${this.written} sequences written, ${this.count} promised`);
    return this.bytes;
  }

  private place(): number {
    if (this.written === this.count) throw new MalformedSequences(`more than ${this.count} sequences`);
    this.written += 1;
    return HEADER_BYTES + (this.written - 1) * 3 * this.length;
  }
}

export const encodeSequences = (sequences: readonly TaskSequence[]): Uint8Array => {
  const blob = new SequenceBlob(sequences.length, sequences[0]?.tokens.length ?? 0);
  sequences.forEach((sequence) => blob.add(sequence));
  return blob.finish();
};

/** Sequences of a PLSQ blob as views into it. */
export const decodeSequences = (bytes: Uint8Array): readonly TaskSequence[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || new TextDecoder('latin1').decode(bytes.subarray(0, 8)) !== MAGIC)
    throw new MalformedSequences(`no PLSQ blob: it must begin with ${MAGIC}`);
  const count = view.getUint32(8, true);
  const length = view.getUint32(12, true);
  if (length === 0 || length % 64 !== 0)
    throw new MalformedSequences(`sequence length ${length}: must be a positive multiple of 64`);
  if (bytes.length !== HEADER_BYTES + count * 3 * length)
    throw new MalformedSequences(
      `${bytes.length} bytes: ${count} sequences of ${length} take ${HEADER_BYTES + count * 3 * length}`,
    );
  return Array.from({ length: count }, (_, index) => {
    const at = HEADER_BYTES + index * 3 * length;
    const part = (which: number): Uint8Array => bytes.subarray(at + which * length, at + (which + 1) * length);
    return { tokens: part(0), targets: part(1), mask: part(2) };
  });
};
