/** A record as the store holds it, before anything of it is believed. */
export type Entry = Readonly<{
  position: number;
  bytes: Uint8Array;
  /** Whether the store's own checksum says that these bytes were written at that position; always so without checksums. */
  fits(position: number): boolean;
}>;

/** Entries in order of position, some at a time. */
export type Entries = AsyncIterable<readonly Entry[]>;
