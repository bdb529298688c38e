import { InvalidArgumentError, type Command } from 'commander';
import { ROLES, type Role } from '#audit/domain/access-events.js';
import type { Issued } from '#access/issue-token.js';
import { isLive } from '#audit/domain/tokens.js';
import { asJson } from '#store/http-service.js';
import type { Session } from './session.js';

const HOURS = { h: 1, d: 24 } as const;
const MOST_DAYS = 366;
const DEFAULT_HOURS = 30 * HOURS.d;

/** "12h" or "30d" in hours. */
const lifetime = (text: string): number => {
  const [, digits = '', unit = ''] = /^(\d{1,4})([hd])$/.exec(text) ?? [];
  const hours = Number(digits) * (HOURS[unit as keyof typeof HOURS] ?? 0);
  if (hours < 1 || hours > MOST_DAYS * HOURS.d)
    throw new InvalidArgumentError(`Hours or days such as 12h or 30d are needed, at most ${MOST_DAYS}d.`);
  return hours;
};

const role = (text: string, before: readonly Role[] = []): readonly Role[] => {
  const found = ROLES.find((known) => known === text);
  if (!found) throw new InvalidArgumentError(`One of ${ROLES.join(', ')} is needed.`);
  return [...before, found];
};

type Creation = Readonly<{ name: string; role: readonly Role[]; expires: number }>;

/** A running service issues it, since nobody else may write to its log; otherwise the folder's log is written here. */
const issue = async (session: Session, { name, role: roles, expires: hours }: Creation): Promise<Issued> => {
  const service = await session.service();
  if (service)
    return service.json<Issued>({ method: 'POST', path: '/v1/tokens', body: asJson({ name, roles, hours }) });
  return session.write(async (app) => {
    const { IssueToken } = await import('#access/issue-token.js');
    return app.send(new IssueToken(name, roles, hours, { requester: session.surroundings.requester }));
  });
};

const create = async (session: Session, creation: Creation): Promise<void> => {
  const issued = await issue(session, creation);
  const { screen } = session;
  screen.say(issued.secret);
  screen.paragraph(
    `The token of ${issued.name} (${issued.roles.join(', ')}), until ${issued.expiresAt}. It is shown this once: only its hash is kept.`,
  );
  screen.document(issued);
};

type Shown = Readonly<{ token: string; name: string; roles: readonly Role[]; expiresAt: string; state: string }>;

const known = async (session: Session): Promise<readonly Shown[]> => {
  const service = await session.service();
  if (service) return service.json<readonly Shown[]>({ path: '/v1/tokens' });
  return session.read(async ({ log, ports }) => {
    const { TokenBook } = await import('#access/token-book.js');
    const now = ports.ledger.clock.now();
    const tokens = await new TokenBook(log).all();
    return tokens.map((one) => {
      const { token, name, roles, expiresAt, revoked } = one;
      return { token, name, roles, expiresAt, state: revoked ? 'revoked' : isLive(one, now) ? 'live' : 'expired' };
    });
  });
};

const list = async (session: Session): Promise<void> => {
  const tokens = await known(session);
  const { screen } = session;
  if (tokens.length === 0) screen.say('No token was ever issued.');
  else
    screen.table({
      head: ['name', 'roles', 'until', 'state', 'token'],
      rows: tokens.map(({ token, name, roles, expiresAt, state }) => [name, roles.join(', '), expiresAt, state, token]),
    });
  screen.document(tokens);
};

const revoke = async (session: Session, which: string): Promise<void> => {
  const service = await session.service();
  if (service) await service.json({ method: 'DELETE', path: `/v1/tokens/${encodeURIComponent(which)}` });
  else
    await session.write(async (app) => {
      const { RevokeToken } = await import('#access/revoke-token.js');
      await app.send(new RevokeToken(which, { requester: session.surroundings.requester }));
    });
  session.screen.say(`The token ${which} is revoked: it opens nothing from now on.`);
  session.screen.document({ revoked: which });
};

export const registerToken = (program: Command, session: Session): void => {
  const token = program.command('token').description('who may ask a service that listens beyond this machine');
  token
    .command('create')
    .description('issue a token; its secret is shown once')
    .requiredOption('--name <name>', 'who holds it; their commands are recorded under this name')
    .requiredOption('--role <role>', `one of ${ROLES.join(', ')}; may be repeated`, role)
    .option('--expires <time>', `hours or days such as 12h or 30d, at most ${MOST_DAYS}d`, lifetime, DEFAULT_HOURS)
    .action((creation: Creation) => create(session, creation));
  token
    .command('list')
    .description('every token that was issued, without its secret')
    .action(() => list(session));
  token
    .command('revoke')
    .argument('<token>', 'its id, or the name of its holder')
    .description('make a token worthless from now on')
    .action((which: string) => revoke(session, which));
};
