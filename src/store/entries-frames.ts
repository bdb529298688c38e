const LENGTH_BYTES = 4;
const HEAD_BYTES = LENGTH_BYTES + 8;
const FIRST_CAPACITY = 1024 * 1024;

/** What stands in place of a position where the reading process says something else than a record. */
export const SAID = { working: -1, end: -2, damage: -3 } as const;

/** What is stored at a position, or what the process says of itself. */
export type Frame = Readonly<{ position: number; value: Buffer }>;

/** How the reading process hands frames over: many at a time, in memory that is used again. */
export class FrameBuffer {
  private bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  private used = 0;

  /** @param value whose bytes are copied: `length` of them, whatever memory lies behind it */
  add(position: number, value: Buffer): void {
    const { length } = value;
    const end = this.used + HEAD_BYTES + length;
    if (end > this.bytes.length) this.grow(end);
    this.bytes.writeUInt32BE(length, this.used);
    this.bytes.writeDoubleBE(position, this.used + LENGTH_BYTES);
    this.bytes.set(value.subarray(0, length), this.used + HEAD_BYTES);
    this.used = end;
  }

  /** All that were added since, until the next one is. */
  take(): Buffer {
    const frames = this.bytes.subarray(0, this.used);
    this.used = 0;
    return frames;
  }

  private grow(needed: number): void {
    const bytes = Buffer.allocUnsafe(2 * needed);
    this.bytes.copy(bytes, 0, 0, this.used);
    this.bytes = bytes;
  }
}

/** The whole frames in the bytes, and what is left of them. */
export const cutFrames = (bytes: Buffer): Readonly<{ frames: readonly Frame[]; rest: Buffer }> => {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= HEAD_BYTES) {
    const end = at + HEAD_BYTES + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    frames.push({ position: bytes.readDoubleBE(at + LENGTH_BYTES), value: bytes.subarray(at + HEAD_BYTES, end) });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
};
