import { rejudgeRun } from '#audit/rejudge.js';
import { replayRun } from '#audit/replay-run.js';
import { OverlayArtifacts } from '#audit/scratch.js';
import { sha256 } from '#ledger/digest.js';
import { collect, Ledger } from '#ledger/ledger.js';
import { LoopDriver } from '#loop/loop-driver.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { Claims } from '#trainer/claims.js';
import type { DeskOrder } from '#trainer/desk-order.js';
import { InProcessWorker } from '#trainer/in-process-worker.js';
import { loadNative } from '#trainer/native.js';
import { RefusalTally } from '#trainer/refusal-tally.js';
import type { NativeTrainer } from '#trainer/train-natively.js';
import { TrainingDesk } from '#trainer/training-desk.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const native = loadNative();
const direct = smallPorts();
const own = direct.trainer as NativeTrainer;
const desk = new TrainingDesk(direct.ledger.clock, () => own.facts(), 1e9);
const worker = new InProcessWorker(desk, own);
const ports = Object.assign(direct, { trainer: desk });
const tally = new RefusalTally(ports.ledger);
const claims = new Claims(desk, ports.ledger, ports.artifacts, ports.weights, tally);
const loop = new LoopDriver(ports, { firstMs: 1, mostMs: 20 });

const outsider = { trainer: 'outside', build: 'hill-climber/1', backend: 'python', threads: 1, contract: null };
const honest = { ...outsider, trainer: 'honest', contract: 'nc-1' } as const;
const records = (stream: string) => collect(ports.ledger.log.readStream(stream));
const chunks = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 7);
  yield bytes.subarray(7);
};
const claim = async (by: typeof outsider | typeof honest): Promise<DeskOrder> => {
  const entry = await claims.claim(by, new AbortController().signal, 30_000);
  if (!entry) throw new Error('no order came');
  return entry;
};
const keyOf = ({ order: { run, cycle, epoch } }: DeskOrder) => ({ run, cycle, epoch });
const championOf = ({ order: { plan } }: DeskOrder): Promise<Uint8Array> =>
  ports.artifacts.get('checkpoint' in plan.initial ? plan.initial.checkpoint : '');
/** A step from some weights towards others: what a trainer of another kind might come to. */
const nudged = (from: Uint8Array, factor: number): Uint8Array =>
  native.interpolate(from, native.initialise(native.describe(from).model, '5'), factor);
const sent = async (entry: DeskOrder, bytes: Uint8Array, trainer: string): Promise<string> => {
  const hash = sha256(bytes);
  await claims.upload(keyOf(entry), trainer, hash, chunks(bytes));
  return hash;
};
const refusals = async () =>
  (await records('audit')).map(({ data: { reason, count, trainer } }) => `${trainer}: ${reason} ${count}`);

beforeAll(async () => {
  worker.start();
  loop.start();
  await begin(ports, smallFile('open', { trainers: 'any' }));
}, 60_000);
afterAll(async () => {
  desk.close();
  await loop.stop();
  await worker.stop();
  await tally.close();
  await ports.shadow.close();
});

it('refuses what no honest trainer sends, and records it, counted by the minute', async () => {
  const entry = await claim(outsider);
  const key = keyOf(entry);
  expect(entry.order.cycle).toBe(1);
  const champion = await championOf(entry);
  const offer = (candidate: string, at = key, trainer = 'outside') =>
    claims.complete(at, trainer, { candidate, receipt: null, steps: 5, tokens: 50 });
  const other = native.initialise({ ...native.describe(champion).model, layers: 2 }, '1');
  const wild = Buffer.from(champion);
  wild.writeFloatLE(Infinity, wild.length - 4);
  const [absent, good] = ['0'.repeat(64), nudged(champion, 2 ** -10)];

  await expect(claims.upload(key, 'outside', absent, chunks(good))).rejects.toMatchObject({ reason: 'wrong-hash' });
  expect(await ports.artifacts.has(absent)).toBe(false);
  await expect(offer(absent)).rejects.toMatchObject({ reason: 'missing' });
  await expect(offer(await sent(entry, other, 'outside'))).rejects.toMatchObject({ reason: 'wrong-model' });
  await expect(offer(await sent(entry, Buffer.from('no checkpoint'), 'outside'))).rejects.toMatchObject({
    reason: 'wrong-model',
  });
  await expect(offer(await sent(entry, wild, 'outside'))).rejects.toMatchObject({ reason: 'not-finite' });
  await expect(offer(absent, { ...key, epoch: 7 })).rejects.toMatchObject({ reason: 'unknown-claim' });
  await expect(offer(absent, { ...key, run: 'other' })).rejects.toMatchObject({ reason: 'unknown-claim' });
  await expect(offer(absent, key, 'thief')).rejects.toMatchObject({ reason: 'unknown-claim' });
  await expect(claims.input(key, 'outside', absent)).rejects.toThrow(/no input of this plan/);
  await expect(claims.input(key, 'thief', entry.order.plan.batches)).rejects.toMatchObject({ reason: 'unknown-claim' });

  const hash = await sent(entry, good, 'outside');
  const twice = await Promise.allSettled([offer(hash), offer(hash)]);
  expect(twice.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  await expect(offer(hash)).rejects.toMatchObject({ reason: 'duplicate' });
  expect(await refusals()).toEqual([
    'outside: wrong-hash 1',
    'outside: missing 1',
    'outside: wrong-model 1',
    'outside: not-finite 1',
    'outside: unknown-claim 1',
    'thief: unknown-claim 1',
    'outside: duplicate 1',
  ]);
  await tally.flush();
  expect((await refusals()).slice(7)).toEqual([
    'outside: wrong-model 1',
    'outside: unknown-claim 1',
    'outside: duplicate 1',
  ]);
}, 60_000);

it('gates an update that cannot be trained again like any other, judges it the same and says so in a replay', async () => {
  const entry = await claim(outsider);
  const champion = await championOf(entry);
  await expect(ports.artifacts.get(entry.order.plan.batches)).resolves.toBeDefined();
  const candidate = await sent(entry, nudged(champion, 2 ** -9), 'outside');
  await claims.complete(keyOf(entry), 'outside', { candidate, receipt: null, steps: 3, tokens: 30 });
  while ((await records('run-open')).at(-1)?.type !== 'RunCompleted') await new Promise((r) => setTimeout(r, 10));

  const produced = (await records('run-open')).filter(({ type }) => type === 'UpdateProduced');
  expect(produced.map(({ data: { replayable } }) => replayable)).toEqual([true, false, false]);
  expect(produced[2]?.data).toMatchObject({
    candidate,
    parent: sha256(champion),
    optimiser: null,
    transcript: null,
    receipt: null,
    steps: 3,
    tokens: 30,
    weightRatio: native.distance(champion, await ports.artifacts.get(candidate)).relative,
    klToChampionNatsPerByte: expect.any(Number),
  });
  expect((await rejudgeRun(ports, 'open')).disagreements).toEqual([]);
  const scratch = {
    ledger: new Ledger(new MemoryLog(), new CountedClock(), new CountedIds(1_000_000)),
    artifacts: new OverlayArtifacts(new MemoryArtifacts(), ports.artifacts),
  };
  const replayed = await replayRun(Object.assign(Object.create(ports), { trainer: own }), 'open', scratch);
  expect(replayed).toMatchObject({ divergence: null, taken: [1, 2], cycles: 3, matched: 3 });
  expect(replayed.runDigest?.replayed).toBe(replayed.runDigest?.recorded);
}, 60_000);

describe('a run of the contract', () => {
  it('has no order for a trainer that follows none, and believes no receipt of another plan', async () => {
    await worker.stop();
    await begin(ports, smallFile('closed', { seed: 3 }));
    expect(await claims.claim(outsider, AbortSignal.timeout(300), 30_000)).toBeUndefined();
    const entry = await claim(honest);
    const trained = await own.carryOut(entry.order.plan, {
      artifacts: ports.artifacts,
      onProgress: () => undefined,
      signals: [],
    });
    const { candidate, receipt } = trained;
    const offer = (hash: string | null) =>
      claims.complete(keyOf(entry), 'honest', { candidate, receipt: hash, steps: 0, tokens: 0 });
    const forged = async (changes: object) =>
      sent(entry, Buffer.from(JSON.stringify({ ...receipt, ...changes })), 'honest');
    await expect(offer(null)).rejects.toMatchObject({ reason: 'wrong-receipt' });
    for (const changes of [
      { plan: '1'.repeat(64) },
      { candidate: '2'.repeat(64) },
      { steps: 1 },
      { tokens: 1 },
      { more: 1 },
    ])
      await expect(offer(await forged(changes))).rejects.toMatchObject({ reason: 'wrong-receipt' });
    await expect(offer(await forged({ optimiser: '3'.repeat(64) }))).rejects.toMatchObject({ reason: 'missing' });
    await offer(await forged({}));
    const produced = (await records('run-closed')).find(({ type }) => type === 'UpdateProduced');
    expect(produced?.data).toMatchObject({ candidate, replayable: true, env: { attempt: 1 } });
  }, 60_000);
});
