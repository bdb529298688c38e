import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { OnnxEvaluator } from '#evaluation/onnx-evaluator.js';
import { ReferenceEvaluator } from '#evaluation/reference-evaluator.js';
import { Ledger } from '#ledger/ledger.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { loadNative } from '#trainer/native.js';
import { NativeWeights } from '#trainer/native-weights.js';
import { NativeTrainer } from '#trainer/train-natively.js';

/** Everything real, but the log and the artifacts in memory. Close `shadow` when done. */
export type StudyPorts = LoopPorts & Readonly<{ trainer: NativeTrainer; shadow: OnnxEvaluator }>;

/** @param threads of the native trainer and evaluator, 0 for all cores; no figure depends on it */
export const studyPorts = (threads: number): StudyPorts => {
  const native = loadNative();
  const options = { threads };
  const weights = new NativeWeights(native, options);
  const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
  const trainer = new NativeTrainer(native, ledger.clock, options);
  const shadow = new OnnxEvaluator(async (checkpoint, length) => weights.exportOnnx(checkpoint, length));
  const primary = new NativeEvaluator(native, options);
  const silent = { training: () => undefined, working: () => undefined };
  return new LoopPorts(
    ledger,
    new MemoryArtifacts(),
    trainer,
    weights,
    primary,
    shadow,
    silent,
    new ReferenceEvaluator(),
  ) as StudyPorts;
};
