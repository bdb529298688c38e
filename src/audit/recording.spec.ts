import { collect, Ledger } from '#ledger/ledger.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import type { Trainer } from '#trainer/trainer.js';
import { verification } from './domain/finding.js';
import { RecordReplay, RecordReplayHandler } from './record-replay.js';
import { RecordVerification, RecordVerificationHandler } from './record-verification.js';

const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
const origin = {
  requester: 'ada',
  command: { id: '01234567-89ab-4def-8123-456789abcdef', correlationId: '11234567-89ab-4def-8123-456789abcdef' },
};

test('what is recorded of a check is signed by who asked for it, once for a repeated command', async () => {
  const counts = { events: 3, root: 'a'.repeat(64), streams: 1, artifacts: 0, artifactBytes: 0, erased: 0, signed: 0 };
  const handler = new RecordVerificationHandler(ledger);
  await handler.execute(new RecordVerification(verification(counts, []), origin));
  await handler.execute(new RecordVerification(verification(counts, []), origin));
  const outcome = { run: 'r', cycle: 1, cycles: 1, eventsMatched: 9, runDigest: 'b'.repeat(64), divergence: null };
  const trainer = { facts: () => ({ build: 'test', backend: 'cpu', threads: 1 }) } as unknown as Trainer;
  await new RecordReplayHandler(ledger, trainer).execute(new RecordReplay(outcome, 5, { requester: 'bob' }));
  const records = await collect(ledger.log.readStream('audit'));
  expect(records.map(({ type, actor }) => [type, actor.kind, actor.id])).toEqual([
    ['LogVerified', 'human', 'ada'],
    ['ReplayCompleted', 'human', 'bob'],
  ]);
});
