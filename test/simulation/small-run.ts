import { conservative } from '#constitution/domain/regime.js';
import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { OnnxEvaluator } from '#evaluation/onnx-evaluator.js';
import { ReferenceEvaluator } from '#evaluation/reference-evaluator.js';
import type { Artifacts } from '#ledger/artifacts.js';
import { decide, Ledger } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { prepareRun } from '#loop/prepare-run.js';
import { startRun } from '#run/domain/decisions.js';
import { runStream } from '#run/domain/run.js';
import { parseRunFile } from '#run/parse-run-file.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { loadNative } from '#trainer/native.js';
import { NativeWeights } from '#trainer/native-weights.js';
import { NativeTrainer } from '#trainer/train-natively.js';
import type { Trainer } from '#trainer/trainer.js';

const native = loadNative();
const silent = { training: () => undefined, working: () => undefined };

export type Options = Readonly<{ threads?: number; isa?: string; log?: Log; artifacts?: Artifacts; trainer?: Trainer }>;

/** Everything real, but the log and the artifacts in memory. Close `shadow` when done. */
export const smallPorts = ({ threads = 1, isa, log, artifacts, trainer }: Options = {}): LoopPorts & {
  shadow: OnnxEvaluator;
} => {
  const options = { threads, ...(isa !== undefined && { isa }) };
  const ledger = new Ledger(log ?? new MemoryLog(), new CountedClock(), new CountedIds());
  const weights = new NativeWeights(native, options);
  const shadow = new OnnxEvaluator(async (checkpoint, length) => weights.exportOnnx(checkpoint, length));
  const trains = trainer ?? new NativeTrainer(native, ledger.clock, options);
  const store = artifacts ?? new MemoryArtifacts();
  const primary = new NativeEvaluator(native, options);
  const reference = new ReferenceEvaluator();
  return new LoopPorts(ledger, store, trains, weights, primary, shadow, silent, reference) as LoopPorts & {
    shadow: OnnxEvaluator;
  };
};

/** The smallest update that still learns something. */
const gentle = { ...conservative, label: 'gentle', warmupSteps: 2, steps: 12, batch: 8, sequence: 64, generalBatch: 2 };

/** A run of seconds: a tiny model, two families, and a constitution that is content with few units. */
export const smallFile = (run: string, changes: object = {}): object => ({
  run,
  cycles: 2,
  model: { dModel: 32, layers: 1, dState: 16, headDim: 32 },
  sequence: 64,
  base: { steps: 20, batch: 8 },
  targets: ['sort', 'dyck'],
  distractors: [],
  regime: gentle,
  constitution: { name: 'lenient', alphaPlan: { alpha: 0.5, kMax: 4 } },
  evaluation: { blocks: 60, documents: 60, shadowEvery: 20 },
  ...changes,
});

export const rash = {
  ...gentle,
  label: 'rash',
  learningRate: 0.02,
  decay: 'constant',
  klBeta: 0,
  generalBatch: 0,
  replayPpm: 0,
  trustRegion: null,
};

export const begin = async (ports: LoopPorts, file: object): Promise<string> => {
  const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
  const { data } = await prepareRun(
    ports,
    parseRunFile(file, (message) => new Error(message)),
    by,
  );
  await decide(ports.ledger, runStream, data.config.run, startRun(data), by);
  return data.config.run;
};
