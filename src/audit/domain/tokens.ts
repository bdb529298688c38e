import { Refused } from '#ledger/decider.js';
import type { EventOf } from '#ledger/event.js';
import {
  AccessDenied,
  MOST_CALLS,
  PrivilegedCallMade,
  TokenIssued,
  TokenRevoked,
  type Denial,
  type Role,
} from './access-events.js';

/** A token as the log knows it. Times are RFC 3339 in UTC with milliseconds, so their order is that of their text. */
export type Token = Readonly<{
  token: string;
  name: string;
  secretHash: string;
  roles: readonly Role[];
  expiresAt: string;
  revoked: boolean;
}>;

/** What of the audit's state is about tokens, in the order they were issued. */
export type Tokens = Readonly<{ tokens: readonly Token[] }>;

export const isLive = ({ revoked, expiresAt }: Token, now: string): boolean => !revoked && now < expiresAt;

/** What issuing one needs; `now` tells whether the name is free. */
export type Issue = Omit<EventOf<typeof TokenIssued>['data'], 'roles'> &
  Readonly<{ roles: readonly Role[]; now: string }>;

/** One live token to a name, so that a name in the log means one holder at a time. */
export const issueToken =
  ({ now, ...data }: Issue) =>
  ({ tokens }: Tokens): readonly EventOf<typeof TokenIssued>[] => {
    const other = tokens.find((token) => token.name === data.name && isLive(token, now));
    if (other)
      throw new Refused(
        `name: "${data.name}" holds the token ${other.token} until ${other.expiresAt}; revoke it first, or choose another name`,
      );
    return [TokenIssued.of({ ...data, roles: [...new Set(data.roles)] })];
  };

/** By the token's id, or the name of its holder. */
export const revokeToken =
  (which: string, requester: string, now: string) =>
  ({ tokens }: Tokens): readonly EventOf<typeof TokenRevoked>[] => {
    const named = tokens.filter(({ token, name }) => token === which || name === which);
    const live = named.find((token) => isLive(token, now)) ?? named.find(({ revoked }) => !revoked);
    if (live) return [TokenRevoked.of({ token: live.token, requester })];
    if (named.length > 0) throw new Refused(`token ${which} is revoked already`);
    throw new Refused(`token ${which} does not exist; \`token list\` shows those there are`);
  };

type Access = EventOf<typeof TokenIssued> | EventOf<typeof TokenRevoked>;

export const evolveTokens = ({ tokens }: Tokens, event: Access): Tokens =>
  event.type === 'TokenIssued'
    ? { tokens: [...tokens, { ...event.data, revoked: false }] }
    : { tokens: tokens.map((one) => (one.token === event.data.token ? { ...one, revoked: true } : one)) };

/** How often each of several things happened. */
export type Counts<K extends string> = ReadonlyMap<K, number>;
/** What one identity did within one minute. */
export type Minute = Readonly<{ identity: string; minute: string; denials: Counts<Denial>; calls: Counts<string> }>;

const total = (counts: Counts<string>): number => [...counts.values()].reduce((sum, count) => sum + count, 0);

/** At most two events to an identity and minute, each of bounded size. */
export const recordAccess =
  (minutes: readonly Minute[]) => (): readonly (EventOf<typeof AccessDenied> | EventOf<typeof PrivilegedCallMade>)[] =>
    minutes.flatMap(({ identity, minute, denials, calls }) => {
      const reasons = [...denials].map(([reason, count]) => ({ reason, count }));
      const named = [...calls].slice(0, MOST_CALLS).map(([call, count]) => ({ call: call.slice(0, 200), count }));
      return [
        ...(reasons.length > 0 ? [AccessDenied.of({ identity, minute, count: total(denials), reasons })] : []),
        ...(named.length > 0 ? [PrivilegedCallMade.of({ identity, minute, count: total(calls), calls: named })] : []),
      ];
    });
