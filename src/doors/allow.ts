import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ROLES, type Role } from '#audit/domain/access-events.js';

/** `owner`: who can read the data folder's `service.json`; no token is an owner. */
export type Right = Role | 'owner';

/** Who asks, as far as the service knows. `id` names them in the events of their commands. */
export type Identity = Readonly<{ id: string; roles: readonly Right[] }>;

/** What roles let their holder do: operators and auditors may look on as viewers do. */
export const rightsOf = (roles: readonly Role[]): readonly Right[] =>
  roles.some((role) => role === 'operator' || role === 'auditor') ? [...new Set<Right>([...roles, 'viewer'])] : roles;

/** Everybody who may ask a locally bound service without a token, and its owner. */
export const LOCAL_RIGHTS: readonly Right[] = [...ROLES];
export const OWNER_RIGHTS: readonly Right[] = [...ROLES, 'owner'];

export const ALLOWED = Symbol('allowed');
/**
 * Fastify's route config: `open` of a route that answers everybody; `tokenLater` of one whose sockets may say who asks in
 * their first message, since a page cannot send headers with a socket.
 */
export type OpenConfig = Readonly<{ open?: boolean; tokenLater?: boolean }>;

/** Who may use a route or a resolver: whoever has one of these rights. Without it (or {@link Open}), nobody may. */
export const Allow = (...rights: readonly [Right, ...Right[]]): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ALLOWED, rights), ApiBearerAuth());

/** Answers everybody, token or not, wherever the service is bound. */
export const Open = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ALLOWED, 'everybody'), RouteConfig({ open: true }));
