import { Module, type DynamicModule } from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { PassThrough } from 'node:stream';
import { DoorsModule } from '#doors/doors.module.js';
import { Figures } from '#doors/figures.js';
import { httpAdapter } from '#doors/http-server.js';
import { ProgressFeed } from '#doors/progress-feed.js';
import { Readiness } from '#doors/readiness.js';
import { Stopping } from '#doors/stopping.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Log } from '#ledger/log.js';

@Module({})
class Served {
  static over(log: Log, artifacts: Artifacts): DynamicModule {
    const bound = [
      { provide: Log, useValue: log },
      { provide: Artifacts, useValue: artifacts },
      { provide: ProgressFeed, useClass: ProgressFeed },
      { provide: Readiness, useClass: Readiness },
      { provide: Figures, useClass: Figures },
      { provide: Stopping, useClass: Stopping },
    ];
    const exports = bound.map(({ provide }) => provide);
    return { module: Served, global: true, imports: [DoorsModule], providers: bound, exports };
  }
}

export type ServedDoors = Readonly<{ url: string; feed: ProgressFeed; close(): Promise<void> }>;

/** The routes of the service for its log and artifacts over any store, over HTTP; whoever asks is an owner. */
export const serveDoors = async (log: Log, artifacts: Artifacts, port = 0): Promise<ServedDoors> => {
  const app = await NestFactory.create<NestFastifyApplication>(
    Served.over(log, artifacts),
    httpAdapter({ level: 'silent', stream: new PassThrough() }),
    { logger: false, abortOnError: false },
  );
  const fastify = app.get(HttpAdapterHost<FastifyAdapter>).httpAdapter.getInstance();
  fastify.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  fastify.addHook('onRequest', async (request) => {
    Object.assign(request, { identity: { id: 'anybody', roles: ['viewer', 'operator', 'auditor', 'owner'] } });
  });
  app.setGlobalPrefix('v1');
  await app.listen(port, '127.0.0.1');
  const close = async (): Promise<void> => {
    app.get(Stopping).begin();
    app.getHttpServer().closeAllConnections();
    await app.close();
  };
  return { url: await app.getUrl(), feed: app.get(ProgressFeed), close };
};
