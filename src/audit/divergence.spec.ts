import type { Artifacts } from '#ledger/artifacts.js';
import type { Record } from '#ledger/record.js';
import { compareTranscripts, firstDifference } from './divergence.js';

const none = {} as Artifacts;
const record = (type: string, data: object): Record => ({ type, data, revision: 7, version: 1 }) as unknown as Record;
const first = (was: Record, is: Record) => firstDifference(was, is, { recorded: none, replayed: none });
const lines = (...parts: readonly object[]): Uint8Array =>
  new TextEncoder().encode(parts.map((part) => `${JSON.stringify(part)}\n`).join(''));

describe('where a replay first differs', () => {
  it('is another event altogether', async () => {
    expect(await first(record('VerdictReached', { cycle: 3 }), record('DriftMeasured', { cycle: 3 }))).toEqual({
      cycle: 3,
      type: 'VerdictReached',
      revision: 7,
      field: 'type',
      recorded: 'VerdictReached',
      replayed: 'DriftMeasured',
    });
  });

  it('is a field of the data, however deep, and never a place, a machine or a tolerance', async () => {
    const was = record('ProbesRecorded', { cycle: 1, metrics: { a: 1, b: 2 }, env: { build: 'x' }, cites: [1] });
    const is = record('ProbesRecorded', { cycle: 1, metrics: { a: 1, b: 3 }, env: { build: 'y' }, cites: [] });
    expect(await first(was, is)).toMatchObject({ field: 'metrics.b', recorded: '2', replayed: '3' });
  });

  it('is for weights the first training step, and the first tensor where tensors were noted', () => {
    const tensors = (sha256: string) => ({
      tensors: [
        { name: 'embedding', sha256: 'e' },
        { name: 'out_proj', sha256 },
      ],
    });
    const was = lines({ step: 0, h: 'a' }, { step: 1, h: 'b' }, { step: 2, h: 'c', ...tensors('1') });
    const is = lines({ step: 0, h: 'a' }, { step: 1, h: 'x' }, { step: 2, h: 'y', ...tensors('2') });
    expect(compareTranscripts(was, is)).toEqual({ step: 1, tensor: 'out_proj' });
    expect(compareTranscripts(was, was)).toEqual({});
    const early = lines({ step: 0, h: 'a', ...tensors('1') }, { step: 1, h: 'b' }, { step: 2, h: 'c' });
    const later = lines({ step: 0, h: 'a', ...tensors('2') }, { step: 1, h: 'b' }, { step: 2, h: 'y' });
    expect(compareTranscripts(early, later)).toEqual({ step: 0, tensor: 'out_proj' });
  });
});
