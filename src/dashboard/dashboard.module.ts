import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import fastifyStatic from '@fastify/static';
import type { FastifyContextConfig, FastifyInstance, FastifyReply } from 'fastify';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenConfig } from '#doors/allow.js';
import { HttpProblem } from '#doors/problem.js';

/** Where the set-up puts the built page. */
const BUILT = fileURLToPath(new URL('../../build/dashboard', import.meta.url));
const PAGE = 'index.html';

/** SHA-256 of the one style sheet that Observable Plot writes into a plot of the class `plot`. */
const PLOT_STYLE = "'sha256-+TfQir1nvDucAdvE6XUQBt4ayUjpAWkbw2kCdSfekHM='";

/** The page runs its own code only, asks only this service, and compiles nothing. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${PLOT_STYLE}`,
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Names of assets hold a hash of their content, so a browser may keep them for ever; the page itself it asks for anew. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const HEADERS = {
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Anybody may have the page; what it shows, it asks for with the token of whoever looks at it. */
const OPEN: OpenConfig = { open: true };

const sendPage = (reply: FastifyReply): FastifyReply => {
  if (!existsSync(join(BUILT, PAGE)))
    throw new HttpProblem(
      503,
      'page-not-built',
      'The page is not built',
      `${BUILT} is missing; \`npm run build\` makes it`,
    );
  return reply.headers({ ...HEADERS, 'cache-control': 'no-cache' }).sendFile(PAGE, { cacheControl: false });
};

const serve = async (fastify: FastifyInstance): Promise<void> => {
  const config = OPEN as FastifyContextConfig;
  await fastify.register(fastifyStatic, { root: BUILT, serve: false });
  fastify.get('/', { config }, (_request, reply) => sendPage(reply));
  fastify.get<{ Params: { name: string } }>('/assets/:name', { config }, ({ params }, reply) =>
    reply
      .headers({ ...HEADERS, 'cache-control': FOR_EVER })
      .sendFile(params.name, join(BUILT, 'assets'), { cacheControl: false }),
  );
};

/** Serves the page and its assets at the root. */
@Module({})
export class DashboardModule implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  /** Not waited for: Fastify would settle how errors are answered before Nest has said it. */
  onModuleInit(): void {
    void (this.host.httpAdapter.getInstance() as FastifyInstance).register(serve);
  }
}
