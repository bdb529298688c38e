import { bisectRun } from '#audit/bisect-run.js';
import { rejudgeRun } from '#audit/rejudge.js';
import { replayRun } from '#audit/replay-run.js';
import { OverlayArtifacts, type Scratch } from '#audit/scratch.js';
import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { Rng } from '#corpus/domain/random.js';
import { Ledger } from '#ledger/ledger.js';
import { advanceRun } from '#loop/run-loop.js';
import type { Started } from '#run/domain/run.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import type { Plan } from '#trainer/domain/plan.js';
import type { NativeTrainer } from '#trainer/train-natively.js';
import type { Training } from '#trainer/trainer.js';
import { CorruptTrainer, type Corruption } from './corrupt-trainer.js';
import { begin, rash, smallFile, smallPorts } from './small-run.js';

type Ports = ReturnType<typeof smallPorts>;
const closing: Ports[] = [];
afterAll(() => Promise.all(closing.map(({ shadow }) => shadow.close())));

const opened = (): Ports => {
  const ports = smallPorts();
  closing.push(ports);
  return ports;
};

const corrupted = async (corruption: Corruption, changes: object = {}): Promise<{ ports: Ports; run: Started }> => {
  const ports = opened();
  Object.assign(ports, { trainer: new CorruptTrainer(ports.trainer as NativeTrainer, corruption) });
  await begin(ports, smallFile('attacked', { cycles: 1, ...changes }));
  return { ports, run: await advanceRun(ports, 'attacked') };
};

const failures = (run: Started): readonly string[] =>
  (run.cycles[1]?.verdict?.reasons ?? []).filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule);

const replayed = (ports: Ports): ReturnType<typeof replayRun> => {
  const honest = opened();
  Object.assign(honest, { ledger: ports.ledger, artifacts: ports.artifacts });
  const scratch: Scratch = {
    ledger: new Ledger(new MemoryLog(), new CountedClock(), new CountedIds(1_000_000)),
    artifacts: new OverlayArtifacts(new MemoryArtifacts(), ports.artifacts),
  };
  return replayRun(honest, 'attacked', scratch);
};

/** One of fifty answers in the sequences of a family, which its first byte names, says something else. */
const poisoned = async (plan: Plan, { artifacts }: Training): Promise<Plan> => {
  const sequences = decodeSequences(await artifacts.get(plan.batches));
  const [family] = sequences.flatMap(({ tokens, mask }) => (mask.includes(0) ? [tokens[0]] : []));
  const rng = Rng.from('poison', 'labels');
  let flipped = 0;
  const changed = sequences.map((sequence) => {
    if (sequence.tokens[0] !== family) return sequence;
    const targets = sequence.targets.map((target, at) => {
      if (sequence.mask[at] === 0 || rng.below(50) > 0) return target;
      flipped += 1;
      return target ^ 1;
    });
    return { ...sequence, targets };
  });
  expect(flipped).toBeGreaterThan(0);
  return { ...plan, batches: await artifacts.put(encodeSequences(changed)) };
};

/** A larger model, trained longer: better at everything, and not the model that may change. */
const enlarged = async (plan: Plan): Promise<Plan> => {
  const { klBeta: _klBeta, ...rest } = plan;
  const model = { ...plan.model, layers: 2 };
  const apart = { anchor: null, general: null, sentinel: null, generalBatch: 0, klBeta: 0, trustRegion: null };
  return { ...rest, ...apart, model, initial: { seed: '7' }, learningRate: Math.fround(0.01) };
};

describe('an update from a trainer that somebody has been at', () => {
  it('of another shape is rejected by a HARD rule, whatever it can do', async () => {
    const { ports, run } = await corrupted(
      { plan: enlarged, claims: 'nc-1' },
      { regime: { ...rash, steps: 400 }, base: { steps: 2, batch: 8 } },
    );
    const { verdict, reasons = [] } = run.cycles[1]?.verdict ?? {};
    expect(verdict).toBe('REJECT');
    expect(failures(run)).toContain('architecture-unchanged');
    expect(reasons.find(({ rule }) => rule === 'capability-rises')).toMatchObject({ outcome: 'pass' });
    expect(run.champion).toBe(run.anchor?.checkpoint);
    // Its receipt is honest, and of another plan.
    expect((await rejudgeRun(ports, 'attacked')).disagreements.map(({ what }) => what)).toEqual([
      'plan of the update',
      'parent of the update',
    ]);
  }, 120_000);

  it('trained on poisoned labels under the contract is named by a replay, step and tensor', async () => {
    const { ports, run } = await corrupted({ plan: poisoned, claims: 'nc-1' });
    expect(run.cycles[1]?.verdict?.verdict).toEqual(expect.any(String));
    const { matched, diverged, divergence } = await replayed(ports);
    expect({ matched, diverged }).toEqual({ matched: 1, diverged: 1 });
    expect(divergence).toMatchObject({ cycle: 1, type: 'UpdateProduced' });
    const { artifacts, trainer } = ports;
    const honest = (trainer as CorruptTrainer).inner;
    expect(await bisectRun({ artifacts, trainer: honest }, run)).toMatchObject({
      equal: false,
      sentence: expect.stringMatching(/^Cycle 1 differs: .* a receipt of another plan/),
    });
  }, 120_000);

  it('trained on poisoned labels without a contract says in the log that nobody can train it again', async () => {
    const { ports, run } = await corrupted({ plan: poisoned, claims: null }, { trainers: 'any' });
    expect(run.cycles[1]?.produced).toMatchObject({ replayable: false, receipt: null });
    expect((await rejudgeRun(ports, 'attacked')).disagreements).toEqual([]);
  }, 120_000);

  it('that hands over other weights than it trained is named by a replay', async () => {
    const ports = opened();
    const native = ports.trainer as NativeTrainer;
    const weights = (trained: Uint8Array): Uint8Array => {
      const changed = Buffer.from(trained);
      // One bit in the last place of the last weight.
      changed.writeUInt8(changed.readUInt8(changed.length - 4) ^ 1, changed.length - 4);
      return changed;
    };
    Object.assign(ports, { trainer: new CorruptTrainer(native, { weights, claims: 'nc-1' }) });
    await begin(ports, smallFile('attacked', { cycles: 1 }));
    await advanceRun(ports, 'attacked');
    expect((await replayed(ports)).divergence).toMatchObject({ cycle: 1, field: 'candidate' });
  }, 120_000);
});

it('a loss that overflows in the middle of an update ends the cycle without a candidate, and the run goes on', async () => {
  const ports = opened();
  const scope = { regime: { weightDecay: { min: 0, max: 1e30 } } };
  const wild = { ...rash, label: 'wild', weightDecay: 1e30 };
  const regime = [wild, (smallFile('x') as { regime: object }).regime].map((each, at) => ({
    fromCycle: at + 1,
    regime: each,
  }));
  await begin(
    ports,
    smallFile('wild', { constitution: { name: 'wide', alphaPlan: { alpha: 0.5, kMax: 4 }, scope }, regime }),
  );
  const run = await advanceRun(ports, 'wild');
  const [, first, second] = run.cycles;
  expect(first?.aborted).toMatchObject({ reason: 'non-finite', step: expect.any(Number) });
  expect(first).not.toHaveProperty('produced');
  expect(first).not.toHaveProperty('verdict');
  // Nothing was judged, so nothing was spent.
  expect(second?.verdict).toMatchObject({ lineageIndex: 1 });
  expect(run.status).toBe('completed');
}, 120_000);
