import { CountedClock } from '#store/counted-clock.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import type { Plan } from './domain/plan.js';
import { NativeUnavailable } from './native-addon.js';
import type { Claim, Native, NativeOptions } from './native.js';
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

const plan = { batches: 'b', general: null, sentinel: null } as unknown as Plan;
const work = { artifacts: new MemoryArtifacts(), onProgress: () => undefined, signals: [] };
const planned = async (): Promise<Plan> => ({
  ...plan,
  initial: { seed: '1' } as never,
  batches: await work.artifacts.put(new Uint8Array([1])),
});

it('says of a trainer that is gone when a job is begun that it crashed', async () => {
  const gone = { ...native, run: () => ({ promise: Promise.reject(new NativeUnavailable('no device')) }) } as never;
  const failed = new NativeTrainer(gone, new CountedClock(), {}).carryOut(await planned(), work);
  await expect(failed).rejects.toMatchObject({ name: 'UpdateFailed', reason: 'crash', message: 'no device' });
});

it('replays in its turn, since one job runs at a time', async () => {
  const begun: string[] = [];
  let end = (): void => undefined;
  const busy = {
    ...native,
    run: () => {
      begun.push('run');
      return { promise: new Promise((_, reject) => (end = () => reject(new Error('ended')))), cancel: () => undefined };
    },
    replay: () => {
      begun.push('replay');
      return { promise: Promise.resolve({ equal: true }) };
    },
  } as unknown as Native;
  const one = new NativeTrainer(busy, new CountedClock(), {});
  const training = one.carryOut(await planned(), work).catch((error: Error) => error.message);
  const replaying = one.replay(await planned(), {} as Claim, work);
  await new Promise(setImmediate);
  expect(begun).toEqual(['run']);
  end();
  expect(await training).toBe('ended');
  expect(await replaying).toEqual({ equal: true });
  expect(begun).toEqual(['run', 'replay']);
});

it('leaves traces to the processor, so that no device is opened in this process', async () => {
  await trainer({ threads: 2, backend: 'cuda' }).trace(new Uint8Array(), new Uint8Array(), { logits: 1, hidden: [] });
  expect(asked).toEqual([{ threads: 2 }]);
});
