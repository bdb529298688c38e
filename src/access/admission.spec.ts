import { TokenIssued } from '#audit/domain/access-events.js';
import { auditStream } from '#audit/domain/audit.js';
import { issueToken, revokeToken } from '#audit/domain/tokens.js';
import { human } from '#doors/actors.js';
import type { Known } from '#doors/caller.js';
import type { HttpProblem } from '#doors/problem.js';
import { sha256 } from '#ledger/digest.js';
import { collect, decide, Ledger } from '#ledger/ledger.js';
import { Clock } from '#ledger/ports.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { AccessTally } from './access-tally.js';
import { Admission } from './admission.js';
import { Binding } from './binding.js';
import { TokenBook } from './token-book.js';

/** A clock that is set. */
class SetClock extends Clock {
  time = '2025-06-01T12:00:00.000Z';
  now(): string {
    return this.time;
  }
  after(time: string, durationMs: number): string {
    return new CountedClock().after(time, durationMs);
  }
  elapsedMs(): number {
    return 0;
  }
}

type Headers = Readonly<Record<string, string>>;

const setUp = async (host: string) => {
  const clock = new SetClock();
  const ledger = new Ledger(new MemoryLog(), clock, new CountedIds());
  const tally = new AccessTally(ledger);
  const admission = new Admission(new Binding(host, 'ada', 'pl_owner'), new TokenBook(ledger.log), tally, clock);
  const ask = async (headers: Headers, open = false): Promise<Known> => {
    const request = { headers, routeOptions: { config: { open } } };
    await admission.admit(request as never);
    return request as Known;
  };
  const refused = async (headers: Headers): Promise<HttpProblem> => {
    try {
      await ask(headers);
    } catch (error) {
      return error as HttpProblem;
    }
    throw new Error('was let in');
  };
  const token = {
    token: ledger.ids.next(),
    name: 'ci',
    secretHash: sha256('pl_ci'),
    roles: ['operator'] as const,
    expiresAt: '2025-06-01T13:00:00.000Z',
    requester: 'ada',
    now: clock.now(),
  };
  const by = { actor: human('ada') };
  await decide(ledger, auditStream, '', issueToken(token), by);
  const revoke = () => decide(ledger, auditStream, '', revokeToken('ci', 'ada', clock.now()), by);
  return { clock, ledger, tally, ask, refused, revoke };
};

const bearer = (secret: string): Headers => ({ host: 'localhost:1', authorization: `Bearer ${secret}` });

describe('bound to loopback', () => {
  it('lets anybody on the machine in with every role, and only the owner with the owner’s right', async () => {
    const { ask } = await setUp('127.0.0.1');
    for (const host of ['localhost:4680', '127.0.0.1:1', '[::1]:80', 'LOCALHOST', '127.3.2.1:5'])
      expect((await ask({ host })).identity).toEqual({
        id: 'ada',
        roles: ['viewer', 'operator', 'auditor', 'trainer'],
      });
    expect((await ask(bearer('pl_owner'))).identity?.roles).toContain('owner');
    expect((await ask({ host: 'localhost:4680', origin: 'http://localhost:4680' })).identity?.id).toBe('ada');
  });

  it.each([
    [{ host: 'evil.example' }, /Host/],
    [{}, /Host/],
    [{ host: 'localhost.evil.example:4680' }, /Host/],
    [{ host: '[::1' }, /Host/],
    [{ host: 'localhost:4680', origin: 'http://evil.example' }, /Origin/],
    [{ host: 'localhost:4680', origin: 'http://localhost:9999' }, /Origin/],
    [{ host: 'localhost:4680', origin: 'null' }, /Origin/],
  ])('turns away a page from elsewhere: %j', async (headers, said) => {
    const { refused } = await setUp('127.0.0.1');
    const problem = await refused(headers as Headers);
    expect({ status: problem.status, said: problem.message }).toEqual({
      status: 403,
      said: expect.stringMatching(said),
    });
  });

  it('judges a token that is shown all the same', async () => {
    const { ask, refused } = await setUp('localhost');
    expect((await ask(bearer('pl_ci'))).identity).toEqual({ id: 'ci', roles: ['operator', 'viewer'] });
    expect((await refused(bearer('pl_other'))).status).toBe(401);
  });
});

describe('bound beyond loopback', () => {
  it('asks everybody for a token, but for what is open to all', async () => {
    const { ask, refused } = await setUp('0.0.0.0');
    expect((await refused({ host: 'localhost:4680' })).message).toContain('a token is needed');
    expect((await refused({ host: 'h', authorization: 'Basic eDp5' })).message).toContain('the form is');
    expect((await ask({ host: 'ledger.example', authorization: 'bearer pl_ci' })).identity?.id).toBe('ci');
    expect((await ask({}, true)).identity).toBeUndefined();
  });

  it('a token is worth nothing once it has expired, and a clock that is set back does not revive it', async () => {
    const { ask, refused, clock } = await setUp('0.0.0.0');
    clock.time = '2025-06-01T12:59:59.999Z';
    expect((await ask(bearer('pl_ci'))).identity?.id).toBe('ci');
    clock.time = '2025-06-01T13:00:00.000Z';
    expect((await refused(bearer('pl_ci'))).message).toContain('expired at 2025-06-01T13:00:00.000Z');
    clock.time = '2025-06-01T12:00:00.000Z';
    expect((await refused(bearer('pl_ci'))).message).toContain('expired');
  });

  it('nor does a service that is started anew with such a clock, once the log has a later time', async () => {
    const { ledger, clock, tally, refused } = await setUp('0.0.0.0');
    clock.time = '2025-06-01T13:00:00.000Z';
    await refused(bearer('pl_ci'));
    await tally.flush();
    clock.time = '2025-06-01T12:00:00.000Z';
    const anew = new Admission(new Binding('0.0.0.0', 'ada', 'pl_owner'), new TokenBook(ledger.log), tally, clock);
    const asked = { headers: bearer('pl_ci'), routeOptions: { config: {} } };
    await expect(anew.admit(asked as never)).rejects.toThrow('expired');
  });

  it('nor from the moment it is revoked', async () => {
    const { ask, refused, revoke } = await setUp('0.0.0.0');
    expect((await ask(bearer('pl_ci'))).identity?.id).toBe('ci');
    await revoke();
    expect((await refused(bearer('pl_ci'))).message).toContain('is revoked');
  });
});

it('whoever is turned away is recorded once a minute, however often they come, and nothing secret with it', async () => {
  const { refused, tally, ledger } = await setUp('0.0.0.0');
  for (let time = 0; time < 500; time += 1) await refused(bearer(`pl_guess-${time}`));
  await refused({ host: 'h' });
  tally.called('ci', 'POST /v1/runs');
  await Promise.all([tally.flush(), tally.flush()]);
  const records = (await collect(ledger.log.readStream('audit'))).filter(({ type }) => type !== TokenIssued.type);
  expect(records.map(({ type, data }) => [type, data['identity'], data['count']])).toEqual([
    ['AccessDenied', 'nobody', 501],
    ['PrivilegedCallMade', 'ci', 1],
  ]);
  expect(JSON.stringify(records)).not.toContain('pl_');
});
