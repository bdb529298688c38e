const LENGTH_BYTES = 4;
const HEAD_BYTES = LENGTH_BYTES + 8;

/** What stands in place of a position where the reading process says something else than a record. */
export const SAID = { working: -1, end: -2, damage: -3 } as const;

/** What is stored at a position, or what the process says of itself. */
export type Frame = Readonly<{ position: number; value: Buffer }>;

/** How the reading process hands a frame over. */
export const frameOf = (position: number, value: Uint8Array = new Uint8Array()): Buffer => {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + value.length);
  frame.writeUInt32BE(value.length);
  frame.writeDoubleBE(position, LENGTH_BYTES);
  frame.set(value, HEAD_BYTES);
  return frame;
};

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
