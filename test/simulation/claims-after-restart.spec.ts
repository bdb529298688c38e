import { collect, decide } from '#ledger/ledger.js';
import { requestUpdate, startUpdate } from '#run/domain/update-decisions.js';
import { runStream } from '#run/domain/run.js';
import { Claims } from '#trainer/claims.js';
import { RefusalTally } from '#trainer/refusal-tally.js';
import { TrainingDesk } from '#trainer/training-desk.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const ports = smallPorts();
const { ledger, artifacts, weights } = ports;
const facts = { build: 'far/1', backend: 'avx2', threads: 1 };
const desk = new TrainingDesk(ledger.clock, () => facts);
const claims = new Claims(desk, ledger, artifacts, weights, new RefusalTally(ledger));
const [plan, offered] = ['ab'.repeat(32), 'cd'.repeat(32)];
const key = { run: 'small', cycle: 0, epoch: 1 };
const result = { candidate: offered, receipt: offered, steps: 1, tokens: 1 };

beforeAll(async () => {
  await begin(ports, smallFile('small'));
  const by = { actor: { kind: 'service', id: 'test', build: 'test' } } as const;
  const budgets = { steps: 1, tokens: 1 };
  await decide(ledger, runStream, 'small', requestUpdate({ cycle: 0, plan, budgets, env: { attempt: 1 } }), by);
  const env = { attempt: 1, trainer: 'far', contract: 'nc-1', ...facts } as const;
  await decide(ledger, runStream, 'small', startUpdate({ cycle: 0, plan, env }), by);
}, 60_000);
afterAll(async () => {
  desk.close();
  await ports.shadow.close();
});

// What a service that has just begun knows: the log, and no order at its desk.
it('whoever has a claim by the log is told to ask again, and nothing is held against him', async () => {
  const again = { status: 503, kind: 'not-taken-up' };
  await expect(claims.heartbeat(key, 'far', null)).rejects.toMatchObject(again);
  await expect(claims.complete(key, 'far', result)).rejects.toMatchObject(again);
  const bytes = (async function* () {
    yield new Uint8Array(1);
  })();
  await expect(claims.upload(key, 'far', offered, bytes)).rejects.toMatchObject(again);
  expect(await collect(ledger.log.readStream('audit'))).toEqual([]);
});

it('whoever has none is refused, as ever', async () => {
  const refused = { status: 409, reason: 'unknown-claim' };
  await expect(claims.complete(key, 'near', result)).rejects.toMatchObject(refused);
  await expect(claims.complete({ ...key, epoch: 2 }, 'far', result)).rejects.toMatchObject(refused);
  expect(await claims.heartbeat(key, 'near', null)).toEqual({ leaseSeconds: 0, cancelled: true });
  expect((await collect(ledger.log.readStream('audit'))).map(({ type }) => type)).toContain('UpdateResultRefused');
});
