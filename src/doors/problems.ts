import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { Problem } from './problem.js';

/** What each refusal means at every route. */
const MEANINGS: Readonly<Record<number, string>> = {
  400: 'the address says something that cannot be read; `field`, `value`, `allowed` say what',
  401: 'no token, or one that is unknown, expired or revoked',
  403: 'the token has not the right',
  404: 'there is no such thing',
  409: 'the present state does not allow this',
  410: 'it was erased; the problem says why',
  413: 'the body is larger than is read here',
  415: 'the body is of another media type',
  422: 'the body says something impossible; `field`, `value`, `allowed` say what',
  429: 'too many requests',
  503: 'not now; `Retry-After` says when to ask again',
};

/** In OpenAPI: the refusals a route answers with, as problem+json (RFC 9457). */
export const Refuses = (...statuses: readonly number[]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ApiExtraModels(Problem),
    ...[...new Set([401, 403, 429, ...statuses])].map((status) =>
      ApiResponse({
        status,
        description: MEANINGS[status] ?? '',
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
      }),
    ),
  );
