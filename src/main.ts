import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { AccessDoorsModule } from '#access/access-doors.module.js';
import { Admission } from '#access/admission.js';
import { Binding } from '#access/binding.js';
import type { Place } from '#app.module.js';
import { CorpusDoorsModule } from '#corpus/corpus-doors.module.js';
import { AuditDoorsModule } from '#audit/audit-doors.module.js';
import { TLOG_PATHS } from '#audit/tlog.api.js';
import type { Gateway } from '#gateway/gateway.js';
import { DashboardModule } from '#dashboard/dashboard.module.js';
import { DistillationDoorsModule } from '#distillation/distillation-doors.module.js';
import { DoorsModule } from '#doors/doors.module.js';
import { httpAdapter, protect, type Logging } from '#doors/http-server.js';
import { serveDocument } from '#doors/open-api.js';
import { removeServiceFile, writeServiceFile } from '#doors/service-file.js';
import { Stopping } from '#doors/stopping.js';
import { Clock } from '#ledger/ports.js';
import { GraphqlDoorsModule } from '#graphql/graphql-doors.module.js';
import { ExperimentModule } from '#experiment/experiment.module.js';
import { ReportModule } from '#report/report.module.js';
import { LineageModule } from '#run/lineage.module.js';
import { RunViewsModule } from '#run/run-views.module.js';
import { KeyDoorsModule } from '#key/key-doors.module.js';
import { ConstitutionDoorsModule } from '#constitution/constitution-doors.module.js';
import { LoopDoorsModule } from '#loop/loop-doors.module.js';
import { MemoryModule } from '#memory/memory.module.js';
import { serviceModule, type ServedAs } from './service.module.js';
import { serveGateway, type GatewayPlace } from './serving-gateway.js';
import { SuiteModule } from '#suite/suite.module.js';
import { TrainerDoorsModule } from '#trainer/trainer-doors.module.js';

export type ServiceOptions = Place &
  ServedAs &
  Readonly<{
    /** 0: any that is free. */
    port: number;
    logging: Logging;
    /** Requests a minute of one caller; 0: any number. */
    mostPerMinute?: number;
    /** Where the log is served to clients of an event store, at the host of the service. */
    gateway?: GatewayPlace;
  }>;

/** A running service; `gateway` is the connection string for clients of an event store. */
export type Service = Readonly<{ url: string; gateway?: string; close(): Promise<void> }>;

/** Every module with routes. */
const DOORS = [
  DoorsModule,
  AccessDoorsModule,
  KeyDoorsModule,
  ConstitutionDoorsModule,
  LoopDoorsModule,
  TrainerDoorsModule,
  CorpusDoorsModule,
  RunViewsModule,
  LineageModule,
  SuiteModule,
  ExperimentModule,
  MemoryModule,
  ReportModule,
  DistillationDoorsModule,
  AuditDoorsModule,
  DashboardModule,
  GraphqlDoorsModule,
];

/** Routes at the root; all others begin with /v1. */
const UNVERSIONED = ['livez', 'readyz', 'version', 'metrics', ...TLOG_PATHS];

/** On loopback the limit only stops what runs wild. */
const MOST_PER_MINUTE = { loopback: 60_000, beyond: 6000 };
/** Answers under way get so long before their connections are cut. */
const GRACE_MS = 10_000;

/** An address that means "every one", as somebody on this machine asks it. */
const FROM_HERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

const urlOf = (host: string, { port, family }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;

/** Stops accepting, ends what waits, lets the rest be answered; then the application closes what it holds. */
const close = async (app: NestFastifyApplication, data: string): Promise<void> => {
  await removeServiceFile(data, process.pid);
  app.get(Stopping).begin();
  const cut = setTimeout(() => app.getHttpServer().closeAllConnections(), GRACE_MS).unref();
  await app.close();
  clearTimeout(cut);
};

/** What nobody caught is a fault: it is logged, and what is under way goes on. Returns how to end listening. */
const outliveFaults = (app: NestFastifyApplication): (() => void) => {
  const { log } = app.getHttpAdapter().getInstance();
  const tell = (err: unknown): void => log.fatal({ err }, 'a fault that nobody caught');
  // Whoever read the log lines has gone.
  const unheard = (): void => undefined;
  process.on('unhandledRejection', tell).on('uncaughtException', tell);
  process.stderr.on('error', unheard);
  return () => {
    process.off('unhandledRejection', tell).off('uncaughtException', tell);
    process.stderr.off('error', unheard);
  };
};

const listen = async (app: NestFastifyApplication, options: ServiceOptions): Promise<string> => {
  const { host, port, data } = options;
  const { loopback, secret } = app.get(Binding);
  const admission = app.get(Admission);
  const { mostPerMinute = loopback ? MOST_PER_MINUTE.loopback : MOST_PER_MINUTE.beyond } = options;
  app.setGlobalPrefix('v1', { exclude: UNVERSIONED });
  const clock = app.get(Clock);
  await protect(app, {
    admit: (request) => admission.admit(request),
    mostPerMinute,
    elapsedMs: () => clock.elapsedMs(),
  });
  serveDocument(app);
  await app.listen({ host, port });
  const address = app.getHttpServer().address() as AddressInfo;
  await writeServiceFile(data, { url: urlOf(FROM_HERE[host] ?? host, address), pid: process.pid, secret });
  return urlOf(host, address);
};

/** Starts the service over a data folder, or over an event store with a data folder. @throws StoreAddressInvalid, LogInUse, LogDamaged, LogUnwritable, and what listening throws */
export const startService = async (options: ServiceOptions): Promise<Service> => {
  const app = await NestFactory.create<NestFastifyApplication>(
    serviceModule(options, DOORS),
    httpAdapter(options.logging),
    { logger: false, abortOnError: false },
  );
  const endListening = outliveFaults(app);
  let gateway: Gateway | undefined;
  try {
    // Before the service is announced as there: whoever waits for that may use both.
    gateway = options.gateway && (await serveGateway(app, options.data, options.host, options.gateway));
    const url = await listen(app, options);
    const end = async (): Promise<void> => {
      await gateway?.stop();
      await close(app, options.data).finally(endListening);
    };
    return { url, ...(gateway && { gateway: gateway.address(FROM_HERE[options.host]) }), close: end };
  } catch (error) {
    endListening();
    await gateway?.stop();
    await app.close();
    throw error;
  }
};
