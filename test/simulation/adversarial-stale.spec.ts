import { rejudgeRun } from '#audit/rejudge.js';
import { decodeSequences } from '#corpus/domain/plsq.js';
import type { Evaluated, Evaluator } from '#evaluation/evaluator.js';
import { outcomeDigest } from '#ledger/digest.js';
import { collect, decide } from '#ledger/ledger.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import type { Record } from '#ledger/record.js';
import { advanceRun } from '#loop/run-loop.js';
import { reachVerdict, recordProbes } from '#run/domain/evidence-decisions.js';
import type { DataOf } from '#run/domain/events.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import { MemoryLog } from '#store/memory-log.js';
import type { NativeTrainer } from '#trainer/train-natively.js';
import type { Trained } from '#trainer/trainer.js';
import { rewrite } from './rewriting.js';
import { begin, smallFile, smallPorts, type Options } from './small-run.js';

type Ports = ReturnType<typeof smallPorts>;
type Found = Readonly<{ ports: Ports; run: Started }>;
const opened: Ports[] = [];
afterAll(() => Promise.all(opened.map(({ shadow }) => shadow.close())));

const small = (options: Options = {}): Ports => {
  const ports = smallPorts(options);
  opened.push(ports);
  return ports;
};
const finished = async (ports: Ports): Promise<Found> => {
  await begin(ports, smallFile('small'));
  return { ports, run: await advanceRun(ports, 'small') };
};
const differing = async (ports: Ports): Promise<readonly string[]> =>
  (await rejudgeRun(ports, 'small')).disagreements.map(({ cycle, what }) => `cycle ${cycle}: ${what}`);

/** Where the loop stands when an evaluator is asked. */
type Now = Readonly<{ cycle: number; step: string }>;
type Answer = (now: Now, checkpoint: Uint8Array, sequences: Uint8Array) => Promise<Evaluated>;

/** A run of two cycles whose first evaluator answers as somebody else wants. */
const answered = async (answer: (honest: Evaluator['evaluate']) => Answer): Promise<Found> => {
  const ports = small();
  const { primary } = ports;
  let now: Now = { cycle: 0, step: '' };
  const listener = {
    training: () => undefined,
    working: (_: string, cycle: number, step: string) => void (now = { cycle, step }),
  };
  const given = answer((...asked) => primary.evaluate(...asked));
  const evaluate: Evaluator['evaluate'] = (...asked) => given(now, ...asked);
  Object.assign(ports, { primary: Object.assign(Object.create(primary) as Evaluator, { evaluate }), listener });
  return finished(ports);
};

describe('an evaluator that hands in what it found in an earlier cycle', () => {
  it('by the number of items, whatever they are: the evaluation is void, since the tasks have other answers', async () => {
    const { ports, run } = await answered((honest) => {
      const known = new Map<number, Evaluated>();
      return async ({ cycle, step }, checkpoint, sequences) => {
        const { length } = decodeSequences(sequences);
        const before = known.get(length);
        if (cycle === 2 && before) return before;
        const found = await honest(checkpoint, sequences);
        if (cycle === 1 && step === 'probing') known.set(length, found);
        return found;
      };
    });
    const [, first, second] = run.cycles;
    expect(first?.verdict?.verdict).toBe('ACCEPT');
    expect(second?.voided).toMatchObject({
      evaluator: 'native',
      cause: 'blank',
      reason: expect.stringMatching(/^item \d+: \d+ positions scored of \d+$/),
    });
    expect(second?.verdict).toMatchObject({ verdict: 'REJECT', alphaSpent: 0.125 });
    expect(run.champion).toBe(first?.produced?.candidate);
    expect(await differing(ports)).toEqual([]);
  }, 60_000);

  it('of its documents: the identity control finds that they are not what the candidate gives', async () => {
    const { run } = await answered((honest) => {
      const probed: Evaluated[] = [];
      return async ({ cycle, step }, checkpoint, sequences) => {
        const found = await honest(checkpoint, sequences);
        // The documents are probed first, and the candidate first of all.
        if (step !== 'probing' || probed[cycle]) return found;
        probed[cycle] = found;
        return (cycle === 2 && probed[1]) || found;
      };
    });
    const [, , second] = run.cycles;
    expect(second?.voided).toMatchObject({ evaluator: 'native', cause: 'control' });
    expect(second?.voided?.reason).toMatch(/^identity control \(candidate\): \d+ differing items, expected exactly 0$/);
    expect(second?.verdict?.verdict).toBe('REJECT');
  }, 60_000);

  it('in that it still has the weights of the earlier candidate: the second evaluator disagrees, and so do its own raw outputs', async () => {
    const { run } = await answered((honest) => {
      const candidates: Uint8Array[] = [];
      return async ({ cycle, step }, checkpoint, sequences) => {
        // The candidate is the first that is probed in its cycle.
        if (step === 'probing') candidates[cycle] ??= checkpoint;
        const stale = cycle === 2 && candidates[2] && Buffer.from(checkpoint).equals(candidates[2]);
        return honest(stale ? (candidates[1] ?? checkpoint) : checkpoint, sequences);
      };
    });
    const [, , second] = run.cycles;
    expect(second?.shadow).toMatchObject({ agreed: false, reasons: expect.arrayContaining(['losses-differ']) });
    expect(second?.voided).toMatchObject({ evaluator: 'native', cause: 'contradictory' });
    expect(second?.verdict).toMatchObject({ verdict: 'REJECT' });
  }, 60_000);
});

it('a trainer that hands in its earlier result: verify names plan and parent of the update', async () => {
  const ports = small();
  const native = ports.trainer as NativeTrainer;
  let first: Trained | undefined;
  const train: typeof native.train = (order, training) =>
    native.train(order, {
      ...training,
      onTrained: (trained) => {
        if (order.cycle === 1) first = trained;
        return training.onTrained(order.cycle === 2 && first ? first : trained);
      },
    });
  Object.assign(ports, { trainer: Object.assign(Object.create(native) as NativeTrainer, { train }) });
  const { run } = await finished(ports);
  const [, before, again] = run.cycles;
  expect(again?.produced?.candidate).toBe(before?.produced?.candidate);
  // It is the champion once more: items of its own, a share of its own, and no gain.
  expect(again?.verdict).toMatchObject({ verdict: 'INCONCLUSIVE', lineageIndex: 2, alphaSpent: 0.125 });
  expect(await differing(ports)).toEqual(['cycle 2: plan of the update', 'cycle 2: parent of the update']);
}, 60_000);

describe('evidence of cycle 1, once cycle 2 is judged', () => {
  const honest = small();
  let run: Started;
  let records: readonly Record[];
  beforeAll(async () => {
    ({ run } = await finished(honest));
    records = await collect(honest.ledger.log.readStream('run-small'));
  }, 60_000);

  const by = { actor: { kind: 'service', id: 'late', build: 'test' } } as const;
  const probeOf = (cycle: number): DataOf<'ProbesRecorded'> => {
    const found = cycleOf(run, cycle).probes.find(({ role, subject }) => role === 'gate' && subject === 'candidate');
    if (!found) throw new Error('no such probe');
    return found;
  };

  it('is delivered again: refused, whichever cycle it is for', async () => {
    const delivered = (data: DataOf<'ProbesRecorded'>) =>
      decide(honest.ledger, runStream, 'small', recordProbes(data), by);
    await expect(delivered(probeOf(1))).rejects.toThrow('probes: cycle 1 is closed');
    await expect(delivered({ ...probeOf(1), cycle: 2 })).rejects.toThrow('probes: cycle 2 is closed');
    const verdict = cycleOf(run, 1).verdict as DataOf<'VerdictReached'>;
    await expect(decide(honest.ledger, runStream, 'small', reachVerdict(verdict), by)).rejects.toThrow(
      'cycle 1: judged already; a candidate has one verdict',
    );
  });

  const forged = async (forger: (record: Record) => Record['data']): Promise<readonly string[]> => {
    const log = new MemoryLog();
    await rewrite(honest.ledger.log, log, (record) => ({ data: forger(record) }));
    return differing(small({ log, artifacts: honest.artifacts }));
  };

  it('is cited by the verdict of cycle 2 in a log that is written again: verify names citations and root', async () => {
    const cites = cycleOf(run, 1).verdict?.cites ?? [];
    const cited = cites.map(({ revision }) => records[revision] as Record);
    const leaves = cited.map((record) => leafHash(Buffer.from(outcomeDigest(record), 'hex')));
    const evidenceRoot = Buffer.from(merkleRoot(leaves)).toString('hex');
    expect(evidenceRoot).toBe(cycleOf(run, 1).verdict?.evidenceRoot);
    const found = await forged(({ type, data }) =>
      type === 'VerdictReached' && data['cycle'] === 2
        ? { ...data, cites: cites.map((each) => ({ ...each })), evidenceRoot }
        : data,
    );
    expect(found).toEqual(['cycle 2: evidenceRoot', 'cycle 2: cites']);
  }, 60_000);

  it('stands in the place of the probes of cycle 2 in such a log: verify names the first item that is not its own', async () => {
    const { results, items, correct, nllNatsSum, metrics, itemsDigest } = probeOf(1);
    const found = await forged(({ type, data }) =>
      type === 'ProbesRecorded' && data['cycle'] === 2 && data['role'] === 'gate' && data['subject'] === 'candidate'
        ? { ...data, results, items, correct, nllNatsSum, metrics: { ...metrics }, itemsDigest }
        : data,
    );
    expect(found).toContain('cycle 2: results of item 0 of the gate probes of the candidate');
  }, 60_000);
});
