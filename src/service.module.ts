import type { DynamicModule, OnApplicationBootstrap, OnModuleDestroy, Provider, Type } from '@nestjs/common';
import { Binding, SECRET_PREFIX } from '#access/binding.js';
import type { Notary } from '#audit/notary.js';
import { Signing } from '#audit/signing.js';
import { Figures } from '#doors/figures.js';
import { ProgressFeed } from '#doors/progress-feed.js';
import { Views } from '#doors/read-model.js';
import { Readiness } from '#doors/readiness.js';
import { Stopping } from '#doors/stopping.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Log } from '#ledger/log.js';
import { Clock, Secrets } from '#ledger/ports.js';
import { FeedListener } from '#loop/feed-listener.js';
import { LoopDriver } from '#loop/loop-driver.js';
import { LoopListener, LoopPorts } from '#loop/loop-ports.js';
import { dataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { openEventStore } from '#store/open-eventstore.js';
import { WatchedLog } from '#store/watched-log.js';
import { InProcessWorker } from '#trainer/in-process-worker.js';
import { NativeTrainer } from '#trainer/train-natively.js';
import { Trainer } from '#trainer/trainer.js';
import { DEFAULT_LEASE_MS, TrainingDesk } from '#trainer/training-desk.js';
import { AppModule, around, computation, inFolder, type Place } from './app.module.js';
import { publishing, signingIn } from './publishing.js';
import { viewsOf } from './views.js';
import { Watched, watchService } from './watching.js';

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

/** Over a data folder, with everything that goes on by itself and the doors given, which a terminal command does without. */
export const serviceModule = (options: Place & ServedAs, doors: readonly Type[]): DynamicModule => {
  const { data, eventStore } = options;
  const stores = eventStore ? inEventStore(data, eventStore) : inFolder({ ...options, readOnly: false });
  const signs = signingIn(options);
  const providers = [...around(stores), ...computation(options), ...serving(options, signs.notary)];
  return AppModule.over(providers, signs, doors);
};
