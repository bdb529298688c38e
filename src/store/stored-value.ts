import { crc32 } from 'node:zlib';

const CHECKSUM_BYTES = 4;

/** CRC-32 over the bytes, begun with the position: tells damaged and displaced records from whole ones. */
const checksum = (position: number, bytes: Uint8Array): number => crc32(bytes, position >>> 0);

/** What the embedded log keeps at a position: four bytes of checksum, then the bytes of the record. */
export const toStoredValue = (position: number, bytes: Uint8Array): Buffer => {
  const value = Buffer.allocUnsafe(CHECKSUM_BYTES + bytes.length);
  value.writeUInt32BE(checksum(position, bytes));
  value.set(bytes, CHECKSUM_BYTES);
  return value;
};

/** The record's bytes within such a value. */
export const storedBytes = (value: Buffer): Buffer => value.subarray(CHECKSUM_BYTES);

/** Whether the value is what was once written at the position. */
export const belongsAt = (position: number, value: Buffer): boolean =>
  value.length >= CHECKSUM_BYTES && value.readUInt32BE() === checksum(position, storedBytes(value));
