import { rejudgeRun } from '#audit/rejudge.js';
import { replayRun } from '#audit/replay-run.js';
import { OverlayArtifacts, type Scratch } from '#audit/scratch.js';
import { outcomeDigest, outcomes, runDigest } from '#ledger/digest.js';
import { collect, decide, Ledger } from '#ledger/ledger.js';
import { loadRun } from '#loop/run-context.js';
import { advanceRun } from '#loop/run-loop.js';
import { haltRun, rollBack } from '#run/domain/decisions.js';
import { runStream, type Started } from '#run/domain/run.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { MortalTrainer } from './mortal-trainer.js';
import { begin, rash, smallFile, smallPorts } from './small-run.js';

const human = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
const scratchOver = (recorded: MemoryArtifacts): Scratch => ({
  ledger: new Ledger(new MemoryLog(), new CountedClock(), new CountedIds(1_000_000)),
  artifacts: new OverlayArtifacts(new MemoryArtifacts(), recorded),
});
const records = (ports: ReturnType<typeof smallPorts>, run: string) =>
  collect(ports.ledger.log.readStream(`run-${run}`));

describe('a small run, everything real', () => {
  const ports = smallPorts();
  const others: ReturnType<typeof smallPorts>[] = [];
  let run: Started;

  beforeAll(async () => {
    const regimes = [
      { fromCycle: 1, regime: (smallFile('a') as { regime: object }).regime },
      { fromCycle: 2, regime: rash },
    ];
    await begin(ports, smallFile('small', { regime: regimes }));
    run = await advanceRun(ports, 'small');
  }, 120_000);
  afterAll(() => Promise.all([ports, ...others].map(({ shadow }) => shadow.close())));

  it('completes, with every candidate judged and the rash one refused', () => {
    expect(run.status).toBe('completed');
    expect(run.cycles.map(({ verdict }) => verdict?.verdict)).toEqual([undefined, expect.any(String), 'REJECT']);
    expect(run.cycles[2]?.verdict?.summary).toMatch(/^Rejected/);
    expect(run.reported.map(({ checkpoint }) => checkpoint)).toEqual(run.look?.checkpoints);
  });

  it('promotes in the same append as the verdict, and only by ACCEPT', async () => {
    const all = await records(ports, 'small');
    for (const [at, record] of all.entries()) {
      if (record.type !== 'VerdictReached') continue;
      const accepted = record.data['verdict'] === 'ACCEPT';
      expect(all[at + 1]?.type).toBe(accepted ? 'CandidatePromoted' : 'CandidateRejected');
    }
  });

  it('is judged the same again from its evidence', async () => {
    expect(await rejudgeRun(ports, 'small')).toEqual({ verdicts: 2, agreed: 2, disagreements: [], erased: [] });
  });

  it.each([
    ['two threads', { threads: 2 }],
    ['the reference instructions', { isa: 'reference' }],
  ])(
    'replays to the same outcomes with %s',
    async (_name, options) => {
      const again = smallPorts({ ...options, log: ports.ledger.log, artifacts: ports.artifacts });
      others.push(again);
      const replayed = await replayRun(again, 'small', scratchOver(ports.artifacts as MemoryArtifacts));
      expect(replayed).toMatchObject({ cycles: 3, matched: 3, diverged: 0, divergence: null });
      expect(replayed.runDigest?.replayed).toBe(runDigest(await records(ports, 'small')));
    },
    120_000,
  );

  it('replays one cycle alone', async () => {
    const replayed = await replayRun(ports, 'small', scratchOver(ports.artifacts as MemoryArtifacts), { cycle: 1 });
    expect(replayed).toMatchObject({ cycles: 1, matched: 1, diverged: 0, runDigest: null });
  }, 60_000);

  it('names the step and tensor where other training data would have led elsewhere', async () => {
    const forged = new MemoryLog();
    const changed = 'sort';
    for await (const { record } of ports.ledger.log.readAll()) {
      const { stream, revision, ...proposed } = record;
      const data = JSON.parse(JSON.stringify(proposed.data)) as { config?: { seed: number; targets: string[] } };
      if (record.type === 'RunStarted' && data.config) data.config.targets = [changed];
      await forged.append(stream, revision === 0 ? 'no-stream' : revision - 1, [{ ...proposed, data: data as never }]);
    }
    const other = smallPorts({ log: forged, artifacts: ports.artifacts });
    others.push(other);
    const replayed = await replayRun(other, 'small', scratchOver(ports.artifacts as MemoryArtifacts));
    expect(replayed.divergence).toMatchObject({ cycle: 0, type: 'UpdateRequested', field: 'plan' });
    expect(replayed.matched).toBe(0);
  }, 60_000);

  it('has the same run digest after being killed in its updates', async () => {
    const again = smallPorts({ trainer: new MortalTrainer(ports.trainer, [1, 2]) });
    others.push(again);
    const regimes = run.config.regimes;
    await begin(again, smallFile('small', { regime: regimes }));
    await expect(advanceRun(again, 'small')).rejects.toThrow('killed');
    await expect(advanceRun(again, 'small')).rejects.toThrow('killed');
    await advanceRun(again, 'small');
    const [straight, killed] = [await records(ports, 'small'), await records(again, 'small')];
    expect(killed.filter(({ type }) => type === 'CycleRecovered')).toHaveLength(2);
    expect(outcomes(killed).map(outcomeDigest)).toEqual(outcomes(straight).map(outcomeDigest));
    expect(runDigest(killed)).toBe(runDigest(straight));
  }, 120_000);

  it('rolls back to the anchor, re-probed to the recorded results', async () => {
    const anchor = run.anchor?.checkpoint ?? '';
    if (run.champion === anchor) throw new Error('the run accepted nothing, so there is nothing to roll back');
    await decide(ports.ledger, runStream, 'small', rollBack(anchor, 'drill', 'ada'), human);
    await advanceRun(ports, 'small');
    const all = await records(ports, 'small');
    expect(all.at(-1)).toMatchObject({ type: 'RollbackVerified', data: { checkpoint: anchor, equal: true } });
    expect((await loadRun(ports, 'small')).champion).toBe(anchor);
    await expect(decide(ports.ledger, runStream, 'small', haltRun('night', 'ada'), human)).rejects.toThrow(/completed/);
  }, 60_000);
});
