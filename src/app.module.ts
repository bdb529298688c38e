import 'reflect-metadata';
import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessModule } from '#access/access.module.js';
import { AuditModule } from '#audit/audit.module.js';
import { finishErasures } from '#audit/erase-artifact.js';
import { OverlayArtifacts, ScratchStore, type Scratch } from '#audit/scratch.js';
import { ConstitutionModule } from '#constitution/constitution.module.js';
import { Turn } from '#doors/turn.js';
import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { OnnxEvaluator } from '#evaluation/onnx-evaluator.js';
import { ReferenceEvaluator } from '#evaluation/reference-evaluator.js';
import { DistillationModule } from '#distillation/distillation.module.js';
import { ExperimentCommandsModule } from '#experiment/experiment-commands.module.js';
import { KeyModule } from '#key/key.module.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Ledger } from '#ledger/ledger.js';
import { Log } from '#ledger/log.js';
import { Clock, Ids, Secrets } from '#ledger/ports.js';
import { LoopListener, LoopPorts } from '#loop/loop-ports.js';
import { LoopModule } from '#loop/loop.module.js';
import { ReportCommandsModule } from '#report/report-commands.module.js';
import { RunModule } from '#run/run.module.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { dataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { HttpArtifacts } from '#store/http-artifacts.js';
import { HttpLog, type Hearing } from '#store/http-log.js';
import type { HttpService } from '#store/http-service.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { requireEmbedded } from '#store/folder-of-another-log.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { RandomIds, RandomSecrets } from '#store/random-ids.js';
import { SystemClock } from '#store/system-clock.js';
import { WatchedLog } from '#store/watched-log.js';
import { NativeTrainer } from '#trainer/train-natively.js';
import { NativeWeights } from '#trainer/native-weights.js';
import { loadNative, Native } from '#trainer/native.js';
import { Trainer } from '#trainer/trainer.js';
import { Weights } from '#trainer/weights.js';
import { signingAndClosing, signingIn, type SigningPlace, type Signs } from './publishing.js';

/** What the application computes with. */
export type Computing = Readonly<{
  threads: number;
  isa?: string;
  /** What trains: "cuda", or the processor; everything else is computed by the processor. */
  backend?: string;
  /** Longest that an evaluator may take for one evaluation; it is then given up. */
  evaluationLimitMs?: number;
}>;
/** What decides where the application keeps its data and what it computes with. */
export type Place = Computing & SigningPlace;
export type AppOptions = Place & Readonly<{ readOnly: boolean }>;
/** A service whose log and artifacts are read, and what it tells meanwhile. */
export type ServiceRead = Readonly<{ service: HttpService; hearing: Hearing }>;

/** Lets a replay write somewhere that is gone with the process. */
class MemoryScratch extends ScratchStore {
  open(recorded: Artifacts): Scratch {
    const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
    return { ledger, artifacts: new OverlayArtifacts(new MemoryArtifacts(), recorded) };
  }
}

export const inFolder = ({ data, readOnly }: AppOptions): Provider[] => {
  const artifacts = new FileArtifacts(dataFolder(data).artifacts);
  const openLog = async (clock: Clock): Promise<Log> => {
    requireEmbedded(dataFolder(data));
    const log = await LmdbLog.open(dataFolder(data).log, { readOnly });
    if (!log.isWriter) return new WatchedLog(log, clock);
    await artifacts.sweep();
    await finishErasures(log, artifacts);
    return new WatchedLog(log, clock);
  };
  return [
    { provide: Log, inject: [Clock], useFactory: openLog },
    { provide: Artifacts, useValue: artifacts },
  ];
};

const atService = ({ service, hearing }: ServiceRead): Provider[] => [
  { provide: Log, useFactory: () => new HttpLog(service, hearing) },
  { provide: Artifacts, useValue: new HttpArtifacts(service) },
];

/** Ports that are the same wherever the data lies, around the stores. */
export const around = (stores: readonly Provider[]): Provider[] => [
  { provide: Clock, useClass: SystemClock },
  { provide: Ids, useClass: RandomIds },
  { provide: Secrets, useClass: RandomSecrets },
  { provide: Turn, useClass: Turn },
  ...stores,
  {
    provide: Ledger,
    inject: [Log, Clock, Ids],
    useFactory: (log: Log, clock: Clock, ids: Ids) => new Ledger(log, clock, ids),
  },
  { provide: ScratchStore, useClass: MemoryScratch },
];

/** Everything the loop acts through but the time limit. */
type Acting = [Ledger, Artifacts, Trainer, Weights, NativeEvaluator, OnnxEvaluator, LoopListener, ReferenceEvaluator];

/** What trains and evaluates. Only training may be on a device. */
export const computation = ({ threads, isa, backend, evaluationLimitMs }: Computing): Provider[] => {
  const options = { threads, ...(isa !== undefined && { isa }) };
  const training = { ...options, ...(backend !== undefined && { backend }) };
  return [
    { provide: Native, useFactory: loadNative },
    {
      provide: NativeTrainer,
      inject: [Native, Clock],
      useFactory: (native: Native, clock: Clock) => new NativeTrainer(native, clock, training),
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
    { provide: ReferenceEvaluator, useFactory: () => new ReferenceEvaluator(evaluationLimitMs) },
    {
      provide: LoopPorts,
      inject: [Ledger, Artifacts, Trainer, Weights, NativeEvaluator, OnnxEvaluator, LoopListener, ReferenceEvaluator],
      useFactory: (...parts: Acting) => new LoopPorts(...parts, evaluationLimitMs),
    },
  ];
};

const tokensOf = (providers: readonly Provider[]): Type[] =>
  providers.map((provider) => (provider as { provide: Type }).provide);

/** Whoever waits for what is done: the command itself trains, and is told how far it is. */
const direct = (listener: LoopListener): Provider[] => [
  { provide: LoopListener, useValue: listener },
  { provide: Trainer, useExisting: NativeTrainer },
];

/** Every module with commands. */
const COMMANDS = [
  RunModule,
  LoopModule,
  ConstitutionModule,
  KeyModule,
  ExperimentCommandsModule,
  DistillationModule,
  ReportCommandsModule,
  AuditModule,
  AccessModule,
];

@Module({})
export class AppModule {
  /** Log, artifacts and commands over one data folder: what a terminal command needs. */
  static forData(options: AppOptions & Readonly<{ listener: LoopListener }>): DynamicModule {
    const providers = [...around(inFolder(options)), ...computation(options), ...direct(options.listener)];
    return AppModule.over(providers, options.readOnly ? undefined : signingIn(options), []);
  }

  /** The same over the log and the artifacts of a service, to read only. */
  static forReading(options: Computing & ServiceRead & Readonly<{ listener: LoopListener }>): DynamicModule {
    const providers = [...around(atService(options)), ...computation(options), ...direct(options.listener)];
    return AppModule.over(providers, undefined, []);
  }

  /** The commands over what is bound to their ports, and the modules given. */
  static over(bound: Provider[], signs: Signs | undefined, modules: readonly Type[]): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [CqrsModule.forRoot(), ...COMMANDS, ...modules],
      providers: [...bound, ...signingAndClosing(signs)],
      exports: tokensOf(bound),
    };
  }
}
