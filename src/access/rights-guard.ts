import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ALLOWED, type Right } from '#doors/allow.js';
import { knownOf } from '#doors/caller.js';
import { HttpProblem } from '#doors/problem.js';
import type { AccessTally } from './access-tally.js';

type Info = Readonly<{ parentType?: unknown; fieldName?: unknown }>;

/** The name of what is called: one of the few routes and fields there are, never anything that the caller chose. */
const callOf = (context: ExecutionContext): string => {
  if (context.getType<string>() === 'graphql') {
    const { parentType, fieldName } = context.getArgByIndex<Info>(3);
    return `GraphQL ${String(parentType)}.${String(fieldName)}`;
  }
  const { method, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
  return `${method} ${routeOptions.url ?? ''}`;
};

/** A call that more than looks on. What a trainer does is in events of its own. */
const isPrivileged = (rights: readonly Right[]): boolean =>
  !rights.includes('viewer') && rights.some((right) => right !== 'trainer');

/** Lets in who has one of the rights that the route or the resolver names. What names none lets nobody in. */
export class RightsGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tally: AccessTally,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const at = [context.getHandler(), context.getClass()];
    const allowed = this.reflector.getAllAndOverride<readonly Right[] | 'everybody' | undefined>(ALLOWED, at) ?? [];
    if (allowed === 'everybody') return true;
    const { identity } = knownOf(context);
    const call = callOf(context);
    if (identity && allowed.some((right) => identity.roles.includes(right))) {
      if (isPrivileged(allowed)) this.tally.called(identity.id, call);
      return true;
    }
    this.tally.denied(identity?.id ?? 'nobody', 'right');
    const roles = identity?.roles.join(', ') || 'none';
    throw new HttpProblem(
      403,
      'forbidden',
      'This is not for you',
      `${call} is for ${allowed.join(' or ') || 'nobody'}; "${identity?.id ?? 'nobody'}" has the roles: ${roles}`,
    );
  }
}
