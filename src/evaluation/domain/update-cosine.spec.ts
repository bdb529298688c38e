import { DifferentLayouts, updateCosine } from './update-cosine.js';

/** A file of the safetensors layout: length of the header, header, values. */
const checkpoint = (...values: readonly number[]): Uint8Array => {
  const header = new TextEncoder().encode('{}      ');
  const bytes = new Uint8Array(8 + header.length + 4 * values.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  values.forEach((value, at) => view.setFloat32(8 + header.length + 4 * at, value, true));
  return bytes;
};

const start = checkpoint(1, 1);
const right = { from: start, to: checkpoint(2, 1) };

describe('cosine of successive updates', () => {
  it.each([
    [{ from: start, to: checkpoint(4, 1) }, 1],
    [{ from: checkpoint(2, 1), to: start }, -1],
    [{ from: start, to: checkpoint(1, 3) }, 0],
    [{ from: start, to: start }, 0],
  ])('tells the same way from the way back and from another (%#)', (next, cosine) =>
    expect(updateCosine(right, next)).toBe(cosine),
  );

  it('reads a file in a Buffer, of whose memory it has a part', () => {
    const within = (bytes: Uint8Array) => Buffer.concat([Buffer.alloc(8), bytes]).subarray(8);
    expect(updateCosine(right, { from: start, to: within(checkpoint(4, 1)) })).toBe(1);
  });

  it('refuses models of different shapes', () =>
    expect(() => updateCosine(right, { from: checkpoint(1), to: checkpoint(2) })).toThrow(DifferentLayouts));
});
