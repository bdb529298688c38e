import { CountedClock } from '#store/counted-clock.js';
import type { Native, NativeOptions } from './native.js';
import { NativeTrainer } from './train-natively.js';

const asked: NativeOptions[] = [];
const native = {
  machine: () => ({ build: 'b', best: 'avx2', threads: 4 }),
  backends: () => ({ backends: [{ name: 'cuda', available: true, device: 'a device', reason: null }] }),
  trace: async (_checkpoint: Uint8Array, _sequences: Uint8Array, _request: object, options: NativeOptions) => {
    asked.push(options);
    return Buffer.alloc(0);
  },
} as unknown as Native;
const trainer = (options: NativeOptions): NativeTrainer => new NativeTrainer(native, new CountedClock(), options);

it('names what it trains on: the instruction set, or the device', () => {
  expect(trainer({}).facts()).toEqual({ build: 'b', backend: 'avx2', threads: 4 });
  expect(trainer({ isa: 'reference', backend: 'cpu', threads: 1 }).facts()).toMatchObject({
    backend: 'reference',
    threads: 1,
  });
  expect(trainer({ backend: 'cuda' }).facts()).toMatchObject({ backend: 'cuda (a device)' });
});

it('leaves traces to the processor, so that no device is opened in this process', async () => {
  await trainer({ threads: 2, backend: 'cuda' }).trace(new Uint8Array(), new Uint8Array(), { logits: 1, hidden: [] });
  expect(asked).toEqual([{ threads: 2 }]);
});
