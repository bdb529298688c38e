import { jest } from '@jest/globals';
import type { Record } from '#ledger/record.js';
import { advanceRun } from '#loop/run-loop.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { rewrite } from '../simulation/rewriting.js';
import { begin, rash, smallFile, smallPorts } from '../simulation/small-run.js';
import { temporaryFolder, type, type Ended } from './command-line.js';
import { recordsIn } from './prepared-run.js';

const folder = temporaryFolder();
jest.setTimeout(240_000);

const here = (...words: readonly string[]): Promise<Ended> => type([...words, '--data', folder.path('data')]);
const told = () => recordsIn(folder.path('data'), 'run-small');

/** What the log says of the first candidate, as it was reached and as it is written again. */
let candidate: string;
let anchor: string;

/**
 * A candidate that was rejected, in a log whose owner wrote it again so that it was promoted: every record and hash is whole,
 * and the run goes on from there.
 */
beforeAll(async () => {
  const artifacts = new FileArtifacts(folder.path('data', 'artifacts'));
  const ports = smallPorts({ artifacts });
  const stop = new AbortController();
  const working = (_run: string, cycle: number): void => (cycle === 2 ? stop.abort() : undefined);
  Object.assign(ports, { listener: { training: () => undefined, working } });
  await begin(ports, smallFile('small', { cycles: 3, regime: rash }));
  const run = await advanceRun(ports, 'small', stop.signal);
  expect(run.cycles[1]?.verdict?.verdict).toBe('REJECT');
  [candidate, anchor] = [run.cycles[1]?.produced?.candidate ?? '', run.anchor?.checkpoint ?? ''];
  const log = await LmdbLog.open(folder.path('data', 'log'));
  let settled = false;
  await rewrite(ports.ledger.log, log, ({ type: event, data }: Record) => {
    if (settled) return undefined;
    settled = event === 'CandidateRejected';
    if (settled) return { type: 'CandidatePromoted', data: { ...data, champion: candidate } };
    return event === 'VerdictReached' ? { data: { ...data, verdict: 'ACCEPT' } } : {};
  });
  await log.close();
  await ports.shadow.close();
});

test('verify finds the verdict that does not follow from its evidence, and records what it disputes', async () => {
  expect((await told()).at(-1)).toMatchObject({ type: 'CandidatePromoted', data: { champion: candidate } });
  const { code, stdout } = await here('verify', '--record');
  expect({ code, said: stdout.replaceAll(/\s+/g, ' ') }).toMatchObject({
    code: 1,
    said: expect.stringContaining('run small, cycle 1: verdict is "REJECT", recorded is "ACCEPT"'),
  });
  expect(stdout).toContain('The result is recorded in the log.');
  const [found] = await recordsIn(folder.path('data'), 'audit');
  expect(found).toMatchObject({
    type: 'IntegrityViolationFound',
    data: { kind: 'judged otherwise', position: null, disputed: [{ run: 'small', cycle: 1 }] },
  });
});

test('the run takes the champion back by itself before its next cycle, probes it again, and halts', async () => {
  const before = (await told()).length;
  const resumed = await here('run', 'resume', 'small', '--json');
  expect(JSON.parse(resumed.stdout)).toMatchObject({ status: 'halted', champion: anchor });
  const answer = (await told()).slice(before);
  expect(answer.map(({ type: event }) => event)).toEqual([
    'RollbackRequested',
    'ChampionRolledBack',
    'RunHalted',
    'RollbackVerified',
  ]);
  expect(answer[0]).toMatchObject({
    actor: { kind: 'policy', id: 'integrity' },
    data: {
      cause: 'dispute',
      requester: 'policy',
      from: candidate,
      to: anchor,
      reason: 'a verification found cycle 1 judged otherwise than recorded',
    },
  });
  expect(answer[3]?.data).toMatchObject({ checkpoint: anchor, equal: true });
});

test('a person lets it go on from there, and verify goes on naming the one verdict', async () => {
  const resumed = await here('run', 'resume', 'small', '--reason', 'looked into it', '--json');
  expect(JSON.parse(resumed.stdout)).toMatchObject({ status: 'completed' });
  const proposed = (await told()).filter(({ type: event }) => event === 'CycleProposed');
  expect(proposed.map(({ data }) => data['champion'])).toEqual([anchor, anchor, anchor]);
  const { code, stdout } = await here('verify', '--json');
  const { verdicts } = JSON.parse(stdout) as { verdicts: { judged: number; agreed: number; disagreements: object[] } };
  expect({ code, verdicts }).toMatchObject({ code: 1, verdicts: { judged: 3, agreed: 2 } });
  expect(verdicts.disagreements).toMatchObject([{ run: 'small', cycle: 1, what: 'verdict' }]);
});
