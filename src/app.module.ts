import 'reflect-metadata';
import {
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type Provider,
  type Type,
} from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessModule } from '#access/access.module.js';
import { Binding, SECRET_PREFIX } from '#access/binding.js';
import { AuditModule } from '#audit/audit.module.js';
import { finishErasures } from '#audit/erase-artifact.js';
import type { Notary } from '#audit/notary.js';
import { Signing } from '#audit/signing.js';
import { OverlayArtifacts, ScratchStore, type Scratch } from '#audit/scratch.js';
import { ConstitutionModule } from '#constitution/constitution.module.js';
import { Figures } from '#doors/figures.js';
import { ProgressFeed } from '#doors/progress-feed.js';
import { Views } from '#doors/read-model.js';
import { Readiness } from '#doors/readiness.js';
import { Stopping } from '#doors/stopping.js';
import { Turn } from '#doors/turn.js';
import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { OnnxEvaluator } from '#evaluation/onnx-evaluator.js';
import { ReferenceEvaluator } from '#evaluation/reference-evaluator.js';
import { KeyModule } from '#key/key.module.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Ledger } from '#ledger/ledger.js';
import { Log } from '#ledger/log.js';
import { Clock, Ids, Secrets } from '#ledger/ports.js';
import { FeedListener } from '#loop/feed-listener.js';
import { LoopDriver } from '#loop/loop-driver.js';
import { LoopListener, LoopPorts } from '#loop/loop-ports.js';
import { LoopModule } from '#loop/loop.module.js';
import { RunModule } from '#run/run.module.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { dataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { HttpArtifacts } from '#store/http-artifacts.js';
import { HttpLog, type Hearing } from '#store/http-log.js';
import type { HttpService } from '#store/http-service.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { openEventStore, requireEmbedded } from '#store/open-eventstore.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { RandomIds, RandomSecrets } from '#store/random-ids.js';
import { SystemClock } from '#store/system-clock.js';
import { InProcessWorker } from '#trainer/in-process-worker.js';
import { WatchedLog } from '#store/watched-log.js';
import { NativeTrainer } from '#trainer/train-natively.js';
import { NativeWeights } from '#trainer/native-weights.js';
import { loadNative, Native } from '#trainer/native.js';
import { Trainer } from '#trainer/trainer.js';
import { DEFAULT_LEASE_MS, TrainingDesk } from '#trainer/training-desk.js';
import { Weights } from '#trainer/weights.js';
import { publishing, signingAndClosing, signingIn, type SigningPlace, type Signs } from './publishing.js';
import { viewsOf } from './views.js';
import { Watched, watchService } from './watching.js';

/** What the application computes with. */
export type Computing = Readonly<{
  threads: number;
  isa?: string;
  /** Longest that an evaluator may take for one evaluation; it is then given up. */
  evaluationLimitMs?: number;
}>;
/** What decides where the application keeps its data and what it computes with. */
export type Place = Computing & SigningPlace;
/** Where a service listens, the name of who runs it, and how it has updates trained. */
export type ServedAs = Readonly<{
  host: string;
  owner: string;
  /** False: it trains nothing itself and waits for trainers in other processes. */
  trains?: boolean;
  /** False: no run goes on in this process; another service that writes to the same log takes them on. */
  drives?: boolean;
  /** How long a trainer may be silent. */
  leaseMs?: number;
  /** A PostgreSQL server for the read models; else they are kept in the data folder. */
  databaseUrl?: string;
  /** Connection string of the event store that holds the log; else it lies in the data folder. */
  eventStore?: string;
}>;
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

const inFolder = ({ data, readOnly }: AppOptions): Provider[] => {
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

const inEventStore = (data: string, address: string): Provider[] => {
  const folder = dataFolder(data);
  const artifacts = new FileArtifacts(folder.artifacts);
  const openLog = async (clock: Clock): Promise<Log> => {
    const log = await openEventStore(folder, address);
    await artifacts.sweep();
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

const around = (stores: readonly Provider[]): Provider[] => [
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

const computation = ({ threads, isa, evaluationLimitMs }: Computing): Provider[] => {
  const options = { threads, ...(isa !== undefined && { isa }) };
  return [
    { provide: Native, useFactory: loadNative },
    {
      provide: NativeTrainer,
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

/** Lets the runs of a service go on from its start to its end. */
class Going implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly loop: LoopDriver,
    private readonly desk: TrainingDesk,
    private readonly signing: Signing,
    /** Undefined when others are to train. */
    private readonly worker: InProcessWorker | undefined,
    private readonly drives: boolean,
  ) {}

  onApplicationBootstrap(): void {
    if (this.drives) this.loop.start();
    this.signing.start();
    this.worker?.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.desk.close();
    await this.loop.stop();
    await this.worker?.stop();
    await this.signing.stop();
  }
}

const going = ({ trains = true, drives = true, leaseMs = DEFAULT_LEASE_MS }: ServedAs): Provider[] => [
  {
    provide: TrainingDesk,
    inject: [Clock, NativeTrainer],
    useFactory: (clock: Clock, native: NativeTrainer) => new TrainingDesk(clock, () => native.facts(), leaseMs),
  },
  { provide: Trainer, useExisting: TrainingDesk },
  { provide: LoopDriver, inject: [LoopPorts], useFactory: (ports: LoopPorts) => new LoopDriver(ports) },
  {
    provide: Going,
    inject: [LoopDriver, TrainingDesk, Signing, NativeTrainer],
    useFactory: (loop: LoopDriver, desk: TrainingDesk, signing: Signing, native: NativeTrainer) =>
      new Going(loop, desk, signing, trains ? new InProcessWorker(desk, native) : undefined, drives),
  },
];

/** What a service has beyond a terminal command: everything that goes on by itself and that looks on. */
const serving = (served: Place & ServedAs, notary: Notary): Provider[] => [
  ...publishing(served.data, notary),
  ...going(served),
  ...viewsOf(served),
  { provide: Figures, useClass: Figures },
  { provide: Readiness, useClass: Readiness },
  { provide: Stopping, useClass: Stopping },
  {
    provide: Watched,
    inject: [Log, LoopDriver, TrainingDesk, Views, Figures, Readiness, Stopping, Signing],
    useFactory: (...parts: ConstructorParameters<typeof Watched>) => {
      const watched = new Watched(...parts);
      watchService(watched, served);
      return watched;
    },
  },
  {
    provide: Binding,
    inject: [Secrets],
    useFactory: (secrets: Secrets) => new Binding(served.host, served.owner, `${SECRET_PREFIX}owner_${secrets.next()}`),
  },
  { provide: ProgressFeed, useClass: ProgressFeed },
  { provide: LoopListener, inject: [ProgressFeed], useFactory: (feed: ProgressFeed) => new FeedListener(feed) },
];

/** Whoever waits for what is done: the command itself trains, and is told how far it is. */
const direct = (listener: LoopListener): Provider[] => [
  { provide: LoopListener, useValue: listener },
  { provide: Trainer, useExisting: NativeTrainer },
];

/** Every module with commands. */
const COMMANDS = [RunModule, LoopModule, ConstitutionModule, KeyModule, AuditModule, AccessModule];

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

  /** Over a data folder, with everything that goes on by itself and the doors given, which a terminal command does without. */
  static forService(options: Place & ServedAs, doors: readonly Type[]): DynamicModule {
    const { data, eventStore } = options;
    const stores = eventStore ? inEventStore(data, eventStore) : inFolder({ ...options, readOnly: false });
    const signs = signingIn(options);
    const providers = [...around(stores), ...computation(options), ...serving(options, signs.notary)];
    return AppModule.over(providers, signs, doors);
  }

  private static over(bound: Provider[], signs: Signs | undefined, modules: readonly Type[]): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [CqrsModule.forRoot(), ...COMMANDS, ...modules],
      providers: [...bound, ...signingAndClosing(signs)],
      exports: tokensOf(bound),
    };
  }
}
