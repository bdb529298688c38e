/** Bytes that are no checkpoint of a byte model. */
export class MalformedCheckpoint extends Error {
  override readonly name = 'MalformedCheckpoint';
}

const LENGTH_BYTES = 8;
const FLOAT_BYTES = 4;

type Entry = Readonly<{ dtype: string; shape: readonly number[]; data_offsets: readonly [number, number] }>;

/** Where one binary32 tensor stands: `from` and `to` are bytes of the file. */
export type Place = Readonly<{ shape: readonly number[]; from: number; to: number }>;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** What the file says of its tensors, by name; `start` is the byte of the first value. @throws MalformedCheckpoint */
export const headerOf = (
  checkpoint: Uint8Array,
): Readonly<{ start: number; entries: Readonly<Record<string, Entry>> }> => {
  try {
    const start = LENGTH_BYTES + Number(viewOf(checkpoint).getBigUint64(0, true));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(checkpoint.subarray(LENGTH_BYTES, start));
    return { start, entries: JSON.parse(text) as Record<string, Entry> };
  } catch (error) {
    throw new MalformedCheckpoint(`no safetensors file: ${(error as Error).message}`);
  }
};

/** The tensors of a safetensors file, by name. @throws MalformedCheckpoint */
export const tensorPlaces = (checkpoint: Uint8Array): ReadonlyMap<string, Place> => {
  const { start, entries } = headerOf(checkpoint);
  const named = Object.entries(entries).filter(([name]) => name !== '__metadata__');
  return new Map(
    named.map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const place = { shape, from: start + from, to: start + to };
        const count = shape.reduce((product, extent) => product * extent, 1);
        if (place.to > checkpoint.length || to - from !== FLOAT_BYTES * count)
          throw new MalformedCheckpoint(`tensor ${name}: ${to - from} bytes for ${count} binary32 values`);
        return [name, place];
      },
    ),
  );
};

/** The values at a place, widened to binary64, which is exact. */
export const readValues = (checkpoint: Uint8Array, { from, to }: Place): Float64Array => {
  const view = viewOf(checkpoint);
  return Float64Array.from({ length: (to - from) / FLOAT_BYTES }, (_, at) =>
    view.getFloat32(from + FLOAT_BYTES * at, true),
  );
};

/** Writes values over a tensor, each rounded to binary32. */
export const writeValues = (checkpoint: Uint8Array, { from, to }: Place, valueAt: (index: number) => number): void => {
  const view = viewOf(checkpoint);
  for (let at = 0; from + FLOAT_BYTES * at < to; at += 1) view.setFloat32(from + FLOAT_BYTES * at, valueAt(at), true);
};
