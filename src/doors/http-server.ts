import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { LogController, type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { CallCounts } from './call-counts.js';
import type { Known } from './caller.js';
import { HttpProblem, problemOf } from './problem.js';
import { sendProblem } from './problem-filter.js';

/** Where the log lines of the service go, from which level on. */
export type Logging = Readonly<{ level: string; stream: Writable }>;

const MOST_BODY_BYTES = 1024 * 1024;
/** A request's head must have come within the first, all of it within the second. */
const HEAD_MS = 10_000;
const REQUEST_MS = 300_000;
/** A connection on which nothing moves for so long is ended: its client is gone, or takes nothing. */
const IDLE_MS = 120_000;
const KEEP_ALIVE_MS = 30_000;
const LOOK_EVERY_MS = 1000;

/** What cannot even be read as HTTP, answered in the form of all other errors. */
const refuseUnreadable = (error: Error & { code?: string }, socket: Socket): void => {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const detail = late
    ? `the request did not arrive in time: its head within ${HEAD_MS / 1000} s, all of it within ${REQUEST_MS / 1000} s`
    : error.code === 'HPE_HEADER_OVERFLOW'
      ? 'the headers are larger than 16 KiB'
      : 'this is no HTTP request';
  const status = late ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const body = JSON.stringify(problemOf(Object.assign(new Error(detail), { statusCode: status }), '/'));
  socket.end(
    `HTTP/1.1 ${status} Refused\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
};

/**
 * Answers every error as a problem from the very first plugin on: Fastify settles how the errors of all routes are answered
 * at the first plugin that is waited for, which is before Nest would say it.
 */
class ProblemAdapter extends FastifyAdapter {
  answering(): this {
    this.getInstance().setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
    return this;
  }

  /** Nest's own would answer the same, later. */
  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.getInstance();
  }
}

/** Fastify with its limits. Log lines are JSON; nothing secret is in them. */
export const httpAdapter = ({ level, stream }: Logging): FastifyAdapter =>
  new ProblemAdapter({
    logger: { level, stream, redact: ['req.headers.authorization', 'req.headers.cookie'] },
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    bodyLimit: MOST_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    connectionTimeout: IDLE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: HEAD_MS, connectionsCheckingInterval: LOOK_EVERY_MS },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(error, request, reply),
  }).answering();

/** One line for each request: commands and refusals at `info`, what only asks at `debug`. */
const logAnswer = (request: FastifyRequest & Known, reply: FastifyReply): void => {
  const { method, url, ip, identity } = request;
  const quiet = reply.statusCode < 400 && (method === 'GET' || method === 'HEAD');
  const line = {
    method,
    path: url.split('?')[0],
    status: reply.statusCode,
    elapsedMs: Math.round(reply.elapsedTime * 10) / 10,
    identity: identity?.id ?? null,
    ip,
  };
  if (quiet) request.log.debug(line, 'answered');
  else request.log.info(line, 'answered');
};

const tooMany = (max: number, after: string): HttpProblem =>
  new HttpProblem(
    429,
    'too-many',
    'Too many requests',
    `at most ${max} requests a minute are answered to one caller; ask again in ${after}`,
  );

export type Protection = Readonly<{
  /** Finds out who asks; throws when they may not. */
  admit: (request: FastifyRequest & Known) => Promise<void>;
  /** Requests a minute of one caller; 0: any number. */
  mostPerMinute: number;
  /** By a clock that nobody sets. */
  elapsedMs: () => number;
}>;

/** Everything that a request passes before its route: who asks, how often, and the headers of every answer. */
export const protect = async (app: NestFastifyApplication, protection: Protection): Promise<void> => {
  const { admit, mostPerMinute, elapsedMs } = protection;
  const fastify = app.getHttpAdapter().getInstance();
  await fastify.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // The service speaks plain HTTP; whoever puts TLS before it sets this there.
    strictTransportSecurity: false,
  });
  fastify.addHook('onRequest', admit);
  if (mostPerMinute > 0)
    await fastify.register(rateLimit, {
      max: mostPerMinute,
      timeWindow: '1 minute',
      store: class extends CallCounts {
        constructor() {
          super(elapsedMs);
        }
      },
      keyGenerator: (request: FastifyRequest & Known) => `${request.identity?.id ?? ''}@${request.ip}`,
      errorResponseBuilder: (_request, { max, after }) => tooMany(max, after),
    });
  fastify.addHook('onResponse', async (request, reply) => logAnswer(request, reply));
};
