import { auditStream } from './audit.js';
import { AccessDenied, MOST_CALLS, PrivilegedCallMade, TokenIssued, TokenRevoked } from './access-events.js';
import { isLive, issueToken, recordAccess, revokeToken, type Issue, type Tokens } from './tokens.js';

const [early, late] = ['2025-06-01T00:00:00.000Z', '2025-07-01T00:00:00.000Z'];
const issue = (name: string, changes: Partial<Issue> = {}): Issue => ({
  token: '00000000-0000-4000-8000-000000000001',
  name,
  secretHash: 'ab'.repeat(32),
  roles: ['viewer', 'viewer', 'operator'],
  expiresAt: late,
  requester: 'ada',
  now: early,
  ...changes,
});
const after = (...decisions: ((state: Tokens) => Parameters<typeof auditStream.evolve>[1][] | readonly never[])[]) =>
  decisions.reduce((state, decide) => [...decide(state)].reduce(auditStream.evolve, state), auditStream.initial);

const issued = after(issueToken(issue('ci')) as never);

describe('tokens', () => {
  it('are issued with each role once and without their secret', () => {
    const [event] = issueToken(issue('ci'))(auditStream.initial);
    expect(event).toMatchObject({ type: 'TokenIssued', data: { name: 'ci', roles: ['viewer', 'operator'] } });
    expect(event?.data).not.toHaveProperty('now');
    expect(() => TokenIssued.encode(event?.data)).not.toThrow();
    expect(issued.tokens).toMatchObject([{ name: 'ci', revoked: false }]);
  });

  it('have one live holder to a name', () => {
    expect(() => issueToken(issue('ci'))(issued)).toThrow(/"ci" holds the token .* until 2025-07-01/);
    expect(issueToken(issue('other'))(issued)).toHaveLength(1);
    expect(issueToken(issue('ci', { now: late }))(issued)).toHaveLength(1);
  });

  it('live until the very moment they expire, or are revoked', () => {
    const [token] = issued.tokens;
    expect(token && [isLive(token, early), isLive(token, late)]).toEqual([true, false]);
    const revoked = after(issueToken(issue('ci')) as never, revokeToken('ci', 'ada', early) as never);
    expect(revoked.tokens).toMatchObject([{ revoked: true }]);
    expect(revoked.tokens[0] && isLive(revoked.tokens[0], early)).toBe(false);
    expect(() => revokeToken('ci', 'ada', early)(revoked)).toThrow('revoked already');
  });

  it('are revoked by id or holder; others are refused', () => {
    const id = '00000000-0000-4000-8000-000000000001';
    for (const which of [id, 'ci'])
      expect(revokeToken(which, 'bob', early)(issued)).toEqual([TokenRevoked.of({ token: id, requester: 'bob' })]);
    expect(() => revokeToken('nobody', 'bob', early)(issued)).toThrow('does not exist');
  });
});

describe('the record of who asked', () => {
  const minute = { identity: 'ci', minute: early, denials: new Map(), calls: new Map() };

  it('is at most two events to an identity and minute', () => {
    const calls = new Map([['POST /v1/runs', 3]]);
    const denials = new Map([
      ['right', 2],
      ['expired', 5],
    ] as const);
    expect(recordAccess([{ ...minute, denials, calls }, minute])()).toEqual([
      AccessDenied.of({
        identity: 'ci',
        minute: early,
        count: 7,
        reasons: [
          { reason: 'right', count: 2 },
          { reason: 'expired', count: 5 },
        ],
      }),
      PrivilegedCallMade.of({ identity: 'ci', minute: early, count: 3, calls: [{ call: 'POST /v1/runs', count: 3 }] }),
    ]);
  });

  it('names a bounded number of calls and counts them all', () => {
    const calls = new Map(Array.from({ length: MOST_CALLS + 20 }, (_, at) => [`call ${at} ${'x'.repeat(300)}`, 1]));
    const [event] = recordAccess([{ ...minute, calls }])();
    expect(event?.data.count).toBe(MOST_CALLS + 20);
    expect(() => PrivilegedCallMade.encode(event?.data)).not.toThrow();
  });
});
