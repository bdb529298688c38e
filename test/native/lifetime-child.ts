import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { loadNative, type NativeJob } from '#trainer/native.js';
import { smallTraining, textSequences } from './training-plan.js';

// Scenes of a process that ends in the middle of native work; test/native/lifetime.spec.ts plays them.
/** Steps of a job that nobody waits for. */
const LONG = 1000;

const native = loadNative();
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

const begin = (steps: number, onFirst: () => void): NativeJob => {
  const { plan, inputs } = smallTraining(steps);
  let told = false;
  return native.run(JSON.stringify(plan), inputs, {}, () => {
    if (!told) onFirst();
    told = true;
  });
};

const scenes: Readonly<Record<string, () => Promise<unknown>>> = {
  train: () => begin(LONG, () => say('training')).promise,
  exit: () => begin(LONG, () => process.exit(3)).promise,
  'exit-evaluating': async () => {
    void native.evaluate(native.initialise(smallTraining(1).plan.model, '1'), textSequences(2000, 64));
    setTimeout(() => process.exit(4), 20);
  },
  finish: async () => {
    await begin(5, () => undefined).promise;
    say('finished');
  },
  worker: async () => {
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(fileURLToPath(import.meta.url));
      await once(worker, 'message');
      await worker.terminate();
    }
    await begin(5, () => undefined).promise;
    say('trained after the worker');
  },
};

if (isMainThread) await scenes[process.argv[2] ?? '']?.();
else await begin(LONG, () => parentPort?.postMessage('training')).promise;
