import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { loadNative } from '#trainer/native.js';
import { sha256, smallTraining, textSequences } from './training-plan.js';

jest.setTimeout(60_000);

const CHILD = fileURLToPath(new URL('./onnx-logits.js', import.meta.url));
const native = loadNative();
const folder = mkdtempSync(join(tmpdir(), 'onnx-agreement-'));

/** Logits of the exported model, computed by onnxruntime in a process of its own. */
const onnxLogits = (model: Uint8Array, sequences: Uint8Array): Float32Array => {
  const paths = ['model.onnx', 'sequences.plsq', 'logits.bin'].map((name) => join(folder, name));
  writeFileSync(paths[0]!, model);
  writeFileSync(paths[1]!, sequences);
  execFileSync(process.execPath, [CHILD, ...paths]);
  return new Float32Array(Uint8Array.from(readFileSync(paths[2]!)).buffer);
};

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

describe('the exported model', () => {
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['one chunk', 64, 3],
    ['several chunks', 320, 2],
  ])('gives the logits of the trainer: %s', async (_, length, count) => {
    const { plan, inputs } = smallTraining(30);
    const { checkpoint } = await native.run(JSON.stringify(plan), inputs).promise;
    const sequences = textSequences(count, length, 5);
    const expected = await native.logits(checkpoint, sequences);
    const found = onnxLogits(native.exportOnnx(checkpoint, length), sequences);
    expect(found).toHaveLength(expected.length);
    expect(largestDifference(expected, found)).toBeLessThan(2e-5);
    const untrained = await native.logits(native.initialise(plan.model, '7'), sequences);
    expect(largestDifference(untrained, found)).toBeGreaterThan(0.1);
  });

  it('is the same file every time, and holds the checkpoint’s tensors under their names', () => {
    const model = native.initialise(smallTraining(1).plan.model, '3');
    const onnx = native.exportOnnx(model, 64);
    expect(sha256(native.exportOnnx(model, 64))).toBe(sha256(onnx));
    for (const { name } of native.describe(model).tensors) expect(onnx.includes(name)).toBe(true);
    const tensors = model.subarray(8 + Number(model.readBigUInt64LE()));
    expect(onnx.includes(tensors.subarray(0, 4 * 256 * 64))).toBe(true);
  });

  it('is refused for a length that is not a multiple of 64', () => {
    const model = native.initialise(smallTraining(1).plan.model, '3');
    expect(() => native.exportOnnx(model, 100)).toThrow('length must be a multiple of 64 from 64 to 65536, not 100');
    expect(() => native.exportOnnx(Buffer.from('nothing'), 64)).toThrow('too few');
  });
});
