import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem, problemOf } from './problem.js';

export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** Answers an error of any kind as problem+json; one that nobody foresaw is logged with its stack. */
export const sendProblem = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
  const problem = problemOf(error, request.url.split('?')[0] ?? '/');
  if (problem.status >= 500) request.log.error({ err: error, problem: problem.type }, 'problem');
  // A stream that broke half way cannot be answered any more; its reader sees that it is cut short.
  if (reply.raw.headersSent || reply.sent) {
    reply.raw.destroy();
    return;
  }
  const headers = error instanceof HttpProblem ? error.headers : {};
  void reply.code(problem.status).headers(headers).type(PROBLEM_JSON).send(JSON.stringify(problem));
};

/** The one place where errors of routes become answers. GraphQL has its own form, so its errors go on to it. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): unknown {
    if (host.getType<string>() !== 'http') return error;
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
    return undefined;
  }
}
