import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Identity } from './allow.js';
import type { Origin } from './origin.js';

/** What the doors found out about a request before any route sees it. */
export type Known = { identity?: Identity; origin?: Origin };

type Context = Readonly<{ reply?: Readonly<{ request: FastifyRequest }> }> & Known;

/** What is known of the caller, whichever door they came through: HTTP, or GraphQL over HTTP or a socket. */
export const knownOf = (context: ExecutionContext): Known => {
  if (context.getType<string>() !== 'graphql') return context.switchToHttp().getRequest<FastifyRequest & Known>();
  const graphql = context.getArgByIndex<Context>(2);
  return graphql.identity ? graphql : ((graphql.reply?.request ?? {}) as Known);
};

const NOBODY: Identity = { id: 'nobody', roles: [] };

/** Parameter: the {@link Identity} of the caller. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): Identity => {
  return knownOf(context).identity ?? NOBODY;
});

/** Parameter: the {@link Origin} of the command, with the caller's id and the name that an Idempotency-Key gives it. */
export const From = createParamDecorator((_data: unknown, context: ExecutionContext): Origin => {
  const { origin, identity } = knownOf(context);
  return origin ?? { requester: (identity ?? NOBODY).id };
});
