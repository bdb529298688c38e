import { join } from 'node:path';
import 'reflect-metadata';
import {
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type Provider,
  type Type,
} from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Seal } from '#audit/seal.js';
import { OverlayArtifacts, ScratchStore, type Scratch } from '#audit/scratch.js';
import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { OnnxEvaluator } from '#evaluation/onnx-evaluator.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Ledger } from '#ledger/ledger.js';
import { Log } from '#ledger/log.js';
import { Clock, Ids } from '#ledger/ports.js';
import { LoopListener, LoopPorts } from '#loop/loop-ports.js';
import { LoopModule } from '#loop/loop.module.js';
import { RunModule } from '#run/run.module.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
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

/** Lets a replay write somewhere that is gone with the process. */
class MemoryScratch extends ScratchStore {
  open(recorded: Artifacts): Scratch {
    const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
    return { ledger, artifacts: new OverlayArtifacts(new MemoryArtifacts(), recorded) };
  }
}

const storage = ({ data, readOnly }: AppOptions): Provider[] => [
  { provide: Clock, useClass: SystemClock },
  { provide: Ids, useClass: RandomIds },
  { provide: Log, useFactory: () => LmdbLog.open(join(data, 'log'), { readOnly }) },
  { provide: Artifacts, useValue: new FileArtifacts(join(data, 'artifacts')) },
  {
    provide: Ledger,
    inject: [Log, Clock, Ids],
    useFactory: (log: Log, clock: Clock, ids: Ids) => new Ledger(log, clock, ids),
  },
  { provide: ScratchStore, useClass: MemoryScratch },
];

const computation = ({ threads, isa, listener }: AppOptions): Provider[] => {
  const options = { threads, ...(isa !== undefined && { isa }) };
  return [
    { provide: Native, useFactory: loadNative },
    {
      provide: Trainer,
      inject: [Native, Clock],
      useFactory: (native: Native, clock: Clock) => new NativeTrainer(native, clock, options),
    },
    { provide: Weights, inject: [Native], useFactory: (native: Native) => new NativeWeights(native, options) },
    {
      provide: NativeEvaluator,
      inject: [Native],
      useFactory: (native: Native) => new NativeEvaluator(native, options),
    },
    {
      provide: OnnxEvaluator,
      inject: [Weights],
      useFactory: (weights: Weights) =>
        new OnnxEvaluator(async (checkpoint, length) => weights.exportOnnx(checkpoint, length)),
    },
    { provide: LoopListener, useValue: listener },
    {
      provide: LoopPorts,
      inject: [Ledger, Artifacts, Trainer, Weights, NativeEvaluator, OnnxEvaluator, LoopListener],
      useFactory: (...parts: ConstructorParameters<typeof LoopPorts>) => new LoopPorts(...parts),
    },
  ];
};

/** Ends what holds files or processes when the application closes. */
class Closing implements OnApplicationShutdown, OnModuleDestroy {
  constructor(
    private readonly log: Log,
    private readonly shadow: OnnxEvaluator,
    /** Where what was written is sealed; undefined when nothing may be written. */
    private readonly seal: Seal | undefined,
  ) {}

  async onModuleDestroy(): Promise<void> {
    await this.shadow.close();
    await this.seal?.advance(this.log);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.log.close();
  }
}

@Module({})
export class AppModule {
  static forData(options: AppOptions): DynamicModule {
    const bound = [...storage(options), ...computation(options)];
    const tokens = bound.map((provider) => (provider as { provide: Type }).provide);
    const closing = {
      provide: Closing,
      inject: [Log, OnnxEvaluator],
      useFactory: (log: Log, shadow: OnnxEvaluator) =>
        new Closing(log, shadow, options.readOnly ? undefined : new Seal(join(options.data, 'seal'))),
    };
    return {
      module: AppModule,
      global: true,
      imports: [CqrsModule.forRoot(), RunModule, LoopModule],
      providers: [...bound, closing],
      exports: tokens,
    };
  }
}
