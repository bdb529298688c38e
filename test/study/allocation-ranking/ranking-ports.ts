import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { OnnxEvaluator } from '#evaluation/onnx-evaluator.js';
import { ReferenceEvaluator } from '#evaluation/reference-evaluator.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Ledger } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { loadNative } from '#trainer/native.js';
import { NativeWeights } from '#trainer/native-weights.js';
import { NativeTrainer } from '#trainer/train-natively.js';

/** What the oracle makes stays in memory, above artifacts that are only read. */
export class ScratchArtifacts extends Artifacts {
  private readonly made = new MemoryArtifacts();

  constructor(private readonly below: Pick<Artifacts, 'get' | 'has'>) {
    super();
  }

  put(bytes: Uint8Array): Promise<string> {
    return this.made.put(bytes);
  }

  async get(name: string): Promise<Uint8Array> {
    return (await this.made.has(name)) ? this.made.get(name) : this.below.get(name);
  }

  async has(name: string): Promise<boolean> {
    return (await this.made.has(name)) || this.below.has(name);
  }

  erase(name: string, why: string): Promise<void> {
    return this.made.erase(name, why);
  }
}

/** Close `shadow` when done. */
export type RankingPorts = LoopPorts & Readonly<{ trainer: NativeTrainer; shadow: OnnxEvaluator }>;

/** Everything real over the log and the artifacts given. @param threads 0 for all cores; no figure depends on it */
export const rankingPorts = (log: Log, artifacts: Artifacts, threads: number): RankingPorts => {
  const native = loadNative();
  const options = { threads };
  const weights = new NativeWeights(native, options);
  const ledger = new Ledger(log, new CountedClock(), new CountedIds());
  return new LoopPorts(
    ledger,
    artifacts,
    new NativeTrainer(native, ledger.clock, options),
    weights,
    new NativeEvaluator(native, options),
    new OnnxEvaluator(async (checkpoint, length) => weights.exportOnnx(checkpoint, length)),
    { training: () => undefined, working: () => undefined },
    new ReferenceEvaluator(),
  ) as RankingPorts;
};
