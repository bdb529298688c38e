import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { AddressInfo } from 'node:net';
import { AppModule, type Place } from '#app.module.js';
import { sendProblem } from '#doors/problem-filter.js';

export type ServiceOptions = Place &
  Readonly<{
    host: string;
    /** 0: any that is free. */
    port: number;
    logLevel: string;
  }>;

/** A running service. */
export type Service = Readonly<{ url: string; close(): Promise<void> }>;

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

/** Starts the service over a data folder. @throws LogInUse, LogDamaged, LogUnwritable, and what listening throws */
export const startService = async (options: ServiceOptions): Promise<Service> => {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forService(options), adapterOf(options), {
    logger: false,
    abortOnError: false,
  });
  app.setGlobalPrefix('v1', { exclude: UNVERSIONED });
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    throw error;
  }
  return {
    url: urlOf(options.host, app.getHttpServer().address() as AddressInfo),
    close: () => app.close(),
  };
};
