import { decide, fold, Ledger } from '#ledger/ledger.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import type { RunEvent } from './domain/events.js';
import { ChampionRolledBack, RollbackRequested, RollbackVerified } from './domain/lifecycle-events.js';
import { runFileSchema } from './domain/run-file.js';
import { runConfig } from './domain/run-settings.js';
import { runStream } from './domain/run.js';
import { RunStarted } from './domain/update-events.js';
import { historyOf, type RunHistory } from './run-history.js';

const [first, second] = ['a'.repeat(64), 'b'.repeat(64)];
const config = runConfig(runFileSchema.parse({ run: 'r1' }), {
  constitution: { id: 'default', version: 1 },
  parent: null,
});
const lineage = { root: 'r1', anchor: null, judgedBefore: 0, alphaSpentBefore: 0 };
const change = { from: second, to: first, reason: 'worse at sums' };

const historyAfter = async (...events: readonly RunEvent[]): Promise<RunHistory> => {
  const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
  for (const event of [RunStarted.of({ config, lineage, experiment: null }), ...events])
    await decide(ledger, runStream, 'r1', () => [event], { actor: { kind: 'service', id: 'test', build: 'test' } });
  return historyOf((await fold(ledger.log, runStream, 'r1')).records);
};

test('a rollback is told with who, when, why, and whether the checkpoint probed as before', async () => {
  const asked = [RollbackRequested.of({ cause: 'asked', ...change, requester: 'ada' }), ChampionRolledBack.of(change)];
  const told = { ...change, cause: 'asked', requester: 'ada', at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) };
  expect((await historyAfter(...asked)).rollbacks).toEqual([{ ...told, verified: null }]);
  for (const equal of [true, false]) {
    const verified = RollbackVerified.of({ checkpoint: first, suite: 'r1-gate', results: second, equal });
    expect((await historyAfter(...asked, verified)).rollbacks).toEqual([{ ...told, verified: equal }]);
  }
});

test('a run has a first and a last moment', async () => {
  const { startedAt, lastEventAt, rollbacks } = await historyAfter(ChampionRolledBack.of(change));
  expect(Date.parse(lastEventAt)).toBeGreaterThan(Date.parse(startedAt));
  expect(rollbacks).toEqual([]);
});
