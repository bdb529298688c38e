import { rejudgeRun } from '#audit/rejudge.js';
import { replayRun } from '#audit/replay-run.js';
import { OverlayArtifacts, type Scratch } from '#audit/scratch.js';
import type { Evaluated, Evaluator } from '#evaluation/evaluator.js';
import { collect, decide, Ledger } from '#ledger/ledger.js';
import { loadRun } from '#loop/run-context.js';
import { advanceRun } from '#loop/run-loop.js';
import { rollBack } from '#run/domain/decisions.js';
import { runStream } from '#run/domain/run.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { MortalTrainer } from './mortal-trainer.js';
import { begin, smallFile, smallPorts } from './small-run.js';

type Ports = ReturnType<typeof smallPorts>;

const plain = smallPorts();
const ports = smallPorts({ trainer: new MortalTrainer(plain.trainer, [3]) });
afterAll(() => Promise.all([plain, ports].map(({ shadow }) => shadow.close())));

const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
const toCheckpoint = (to: string) => decide(ports.ledger, runStream, 'small', rollBack(to, 'drill', 'ada'), by);
const last = async (type: string) =>
  (await collect(ports.ledger.log.readStream('run-small'))).findLast((record) => record.type === type)?.data;
const replay = () => {
  const scratch: Scratch = {
    ledger: new Ledger(new MemoryLog(), new CountedClock(), new CountedIds(1_000_000)),
    artifacts: new OverlayArtifacts(new MemoryArtifacts(), ports.artifacts),
  };
  return replayRun({ ...plain, ledger: ports.ledger, artifacts: ports.artifacts } as Ports, 'small', scratch);
};

let anchor = '';
let accepted = '';

describe('a run killed in its second update', () => {
  beforeAll(async () => {
    await begin(ports, smallFile('small', { memory: { episodic: {}, predictive: {} } }));
    await expect(advanceRun(ports, 'small')).rejects.toThrow('killed');
    [anchor = '', accepted = ''] = (await loadRun(ports, 'small')).accepted;
    expect(accepted).not.toBe('');
  }, 60_000);

  it('replays to the same digest as it stands', async () => {
    const { divergence, runDigest } = await replay();
    expect(divergence).toBeNull();
    expect(runDigest?.replayed).toBe(runDigest?.recorded);
  }, 60_000);

  it('rolled back then, goes on from the older champion and replays the same', async () => {
    await toCheckpoint(anchor);
    const run = await advanceRun(ports, 'small');
    expect(run.status).toBe('completed');
    expect(run.cycles[2]?.aborted?.reason).toBe('rolled-back');
    expect(await last('RollbackVerified')).toMatchObject({ checkpoint: anchor, equal: true });
    const { divergence, runDigest } = await replay();
    expect(divergence).toBeNull();
    expect(runDigest?.replayed).toBe(runDigest?.recorded);
    expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
  }, 60_000);

  it('verifies a champion by the results it was accepted with', async () => {
    const candidate = (await loadRun(ports, 'small')).cycles[1]?.probes.find(
      ({ subject, role }) => subject === 'candidate' && role === 'gate',
    );
    await toCheckpoint(accepted);
    await advanceRun(ports, 'small');
    expect(await last('RollbackVerified')).toMatchObject({
      checkpoint: accepted,
      suite: 'small-gate',
      results: candidate?.results,
      equal: true,
    });
  }, 60_000);
});

describe('a champion that no longer probes as it did', () => {
  it('halts the run', async () => {
    const mistaken = smallPorts({ trainer: new MortalTrainer(plain.trainer, [3]) });
    const { primary } = mistaken;
    await begin(mistaken, smallFile('small'));
    await expect(advanceRun(mistaken, 'small')).rejects.toThrow('killed');
    const [root = ''] = (await loadRun(mistaken, 'small')).accepted;
    await decide(mistaken.ledger, runStream, 'small', rollBack(root, 'drill', 'ada'), by);
    const evaluate = async (...asked: Parameters<Evaluator['evaluate']>): Promise<Evaluated> => {
      const found = await primary.evaluate(...asked);
      return { ...found, nllNats: found.nllNats.map((nats) => nats + 1) };
    };
    Object.assign(mistaken, { primary: Object.assign(Object.create(primary) as Evaluator, { evaluate }) });
    expect((await advanceRun(mistaken, 'small')).status).toBe('halted');
    await mistaken.shadow.close();
  }, 60_000);
});
