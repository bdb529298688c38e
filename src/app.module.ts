import { join } from 'node:path';
import { Module, type DynamicModule, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Evaluator } from '#evaluation/evaluator.js';
import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { OnnxEvaluator } from '#evaluation/onnx-evaluator.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Ledger } from '#ledger/ledger.js';
import { Log } from '#ledger/log.js';
import { Clock, Ids } from '#ledger/ports.js';
import { LoopListener, LoopPorts } from '#loop/loop-ports.js';
import { LoopModule } from '#loop/loop.module.js';
import { RunModule } from '#run/run.module.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { RandomIds } from '#store/random-ids.js';
import { SystemClock } from '#store/system-clock.js';
import { NativeTrainer } from '#trainer/train-natively.js';
import { NativeWeights } from '#trainer/native-weights.js';
import { loadNative, Native } from '#trainer/native.js';
import { Trainer } from '#trainer/trainer.js';
import { Weights } from '#trainer/weights.js';

/** What decides where the application keeps its data and what it computes with. */
export type AppOptions = Readonly<{
  data: string;
  readOnly: boolean;
  threads: number;
  isa?: string;
  listener: LoopListener;
}>;

/** The shadow evaluator, apart from the primary by its own token. */
export class ShadowEvaluator extends OnnxEvaluator implements OnApplicationShutdown {
  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}

const ports = ({ data, readOnly, threads, isa, listener }: AppOptions): Provider[] => [
  { provide: Clock, useClass: SystemClock },
  { provide: Ids, useClass: RandomIds },
  { provide: Log, useFactory: () => LmdbLog.open(join(data, 'log'), { readOnly }) },
  { provide: Artifacts, useValue: new FileArtifacts(join(data, 'artifacts')) },
  { provide: Ledger, inject: [Log, Clock, Ids], useFactory: (log: Log, clock: Clock, ids: Ids) => new Ledger(log, clock, ids) },
];
