import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { AddressInfo } from 'node:net';
import { AccessDoorsModule } from '#access/access-doors.module.js';
import { Admission } from '#access/admission.js';
import { Binding } from '#access/binding.js';
import { AppModule, type Place, type ServedAs } from '#app.module.js';
import { DoorsModule } from '#doors/doors.module.js';
import { sendProblem } from '#doors/problem-filter.js';
import { TrainerDoorsModule } from '#trainer/trainer-doors.module.js';
import { removeServiceFile, writeServiceFile } from '#doors/service-file.js';

export type ServiceOptions = Place &
  ServedAs &
  Readonly<{
    /** 0: any that is free. */
    port: number;
    logLevel: string;
  }>;

/** A running service. */
export type Service = Readonly<{ url: string; close(): Promise<void> }>;

/** Every module with routes. */
const DOORS = [DoorsModule, AccessDoorsModule, TrainerDoorsModule];

/** Routes at the root; all others begin with /v1. */
const UNVERSIONED = ['livez', 'readyz', 'version', 'metrics'];

const adapterOf = ({ logLevel }: ServiceOptions): FastifyAdapter =>
  new FastifyAdapter({
    logger: { level: logLevel, stream: process.stderr, redact: ['req.headers.authorization', 'req.headers.cookie'] },
    disableRequestLogging: true,
    requestIdHeader: false,
    bodyLimit: 1024 * 1024,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(error, request, reply),
  });

const urlOf = (host: string, { port, family }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;

const close = async (app: NestFastifyApplication, data: string): Promise<void> => {
  await removeServiceFile(data, process.pid);
  await app.close();
};

/** Starts the service over a data folder. @throws LogInUse, LogDamaged, LogUnwritable, and what listening throws */
export const startService = async (options: ServiceOptions): Promise<Service> => {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forService(options, DOORS),
    adapterOf(options),
    {
      logger: false,
      abortOnError: false,
    },
  );
  app.setGlobalPrefix('v1', { exclude: UNVERSIONED });
  const admission = app.get(Admission);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request) => admission.admit(request));
  try {
    await app.listen({ host: options.host, port: options.port });
    const url = urlOf(options.host, app.getHttpServer().address() as AddressInfo);
    await writeServiceFile(options.data, { url, pid: process.pid, secret: app.get(Binding).secret });
    return { url, close: () => close(app, options.data) };
  } catch (error) {
    await app.close();
    throw error;
  }
};
