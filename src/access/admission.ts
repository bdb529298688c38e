import type { FastifyRequest } from 'fastify';
import type { Denial } from '#audit/domain/access-events.js';
import { LOCAL_RIGHTS, OWNER_RIGHTS, rightsOf, type Identity, type OpenConfig } from '#doors/allow.js';
import type { Known } from '#doors/caller.js';
import { HttpProblem } from '#doors/problem.js';
import type { Clock } from '#ledger/ports.js';
import type { AccessTally } from './access-tally.js';
import { isLoopback, SECRET_PREFIX, type Binding } from './binding.js';
import type { TokenBook } from './token-book.js';

/** Under this name everybody counts who shows no valid token. */
export const NOBODY = 'nobody';

const BEARER = /^bearer +(\S+)$/i;
const HOST = /^(\[[0-9a-f:.]+\]|[^:]+)(:\d+)?$/i;

type Refusal = Readonly<{ identity: string; reason: Denial; problem: HttpProblem }>;

const unauthenticated = (reason: Denial, detail: string, identity = NOBODY): Refusal => ({
  identity,
  reason,
  problem: new HttpProblem(401, 'unauthenticated', 'Who are you?', detail, {
    'www-authenticate': 'Bearer realm="prometheus-ledger"',
  }),
});

const forbidden = (reason: Denial, detail: string): Refusal => ({
  identity: NOBODY,
  reason,
  problem: new HttpProblem(403, 'forbidden', 'This is not for you', detail),
});

const clipped = (text: string): string => JSON.stringify(text.slice(0, 100));

/**
 * Finds out who asks, before anything of the request is looked at. Bound to loopback, anybody on the machine may ask, but
 * a page from elsewhere in somebody's browser may not: its Host or its Origin gives it away.
 */
export class Admission {
  /** The latest time seen or recorded, so that a clock that was set back makes no expired token valid again. */
  private latest = '';

  constructor(
    private readonly binding: Binding,
    private readonly book: TokenBook,
    private readonly tally: AccessTally,
    private readonly clock: Clock,
  ) {}

  /** @throws HttpProblem 401 or 403 */
  async admit(request: FastifyRequest & Known): Promise<void> {
    const { open, tokenLater } = (request.routeOptions.config as OpenConfig | undefined) ?? {};
    if (open) return;
    const stranger = this.binding.loopback ? this.stranger(request) : undefined;
    const { authorization, upgrade } = request.headers;
    if (!stranger && tokenLater && upgrade && authorization === undefined && !this.binding.loopback) return;
    request.identity = this.accept(stranger ?? (await this.identify(authorization)));
  }

  /** Who shows this `Authorization`, or none, wherever it was to be sent. @throws HttpProblem 401 */
  async whoIs(authorization: string | undefined): Promise<Identity> {
    return this.accept(await this.identify(authorization));
  }

  private accept(found: Identity | Refusal): Identity {
    if ('roles' in found) return found;
    this.tally.denied(found.identity, found.reason);
    throw found.problem;
  }

  /** What gives away a page that another site has put into a browser of this machine. */
  private stranger({ headers }: FastifyRequest): Refusal | undefined {
    const { host = '', origin } = headers;
    const [, name = ''] = HOST.exec(host) ?? [];
    if (!isLoopback(name))
      return forbidden(
        'host',
        `Host: ${clipped(host)} is no name of this machine; the service answers here to localhost, 127.0.0.1 and [::1]`,
      );
    if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
      return forbidden(
        'origin',
        `Origin: ${clipped(origin)} is another site; only pages of http://${host} may ask here`,
      );
    return undefined;
  }

  private async identify(authorization: string | undefined): Promise<Identity | Refusal> {
    if (authorization === undefined) {
      if (this.binding.loopback) return { id: this.binding.owner, roles: LOCAL_RIGHTS };
      return unauthenticated(
        'no token',
        `a token is needed: "Authorization: Bearer ${SECRET_PREFIX}…"; \`token create\` makes one`,
      );
    }
    const [, secret] = BEARER.exec(authorization) ?? [];
    if (secret === undefined)
      return unauthenticated('no token', `Authorization: the form is "Bearer ${SECRET_PREFIX}…"`);
    if (secret === this.binding.secret) return { id: this.binding.owner, roles: OWNER_RIGHTS };
    const token = await this.book.bySecret(secret);
    if (!token)
      return unauthenticated(
        'unknown token',
        'the token is unknown here; `token list` shows those there are, `token create` makes one',
      );
    if (token.revoked)
      return unauthenticated(
        'revoked',
        `the token of "${token.name}" is revoked; \`token create\` makes another`,
        token.name,
      );
    if (token.expiresAt <= this.now())
      return unauthenticated(
        'expired',
        `the token of "${token.name}" expired at ${token.expiresAt}; \`token create\` makes another`,
        token.name,
      );
    return { id: token.name, roles: rightsOf(token.roles) };
  }

  private now(): string {
    for (const time of [this.clock.now(), this.book.latestTime]) if (time > this.latest) this.latest = time;
    return this.latest;
  }
}
