import { auditStream, recordVerification } from '#audit/domain/audit.js';
import { verification } from '#audit/domain/finding.js';
import { rejudgeRun } from '#audit/rejudge.js';
import type { Evaluated, Evaluator } from '#evaluation/evaluator.js';
import { collect, decide } from '#ledger/ledger.js';
import { DrillRun, DrillRunHandler } from '#loop/drill-run.js';
import { loadRun } from '#loop/run-context.js';
import { advanceRun } from '#loop/run-loop.js';
import { resumeRun } from '#run/domain/decisions.js';
import { candidateIn } from '#run/domain/cycle.js';
import { runStream } from '#run/domain/run.js';
import type { Weights } from '#trainer/weights.js';
import { MortalTrainer } from './mortal-trainer.js';
import { creeping, FailingArtifacts, hopeless, overshooting, replayed, type Ports } from './recovering.js';
import { begin, smallFile, smallPorts, type Options } from './small-run.js';

const open: Ports[] = [];
afterAll(() => Promise.all(open.map(({ shadow }) => shadow.close())));
const opened = (options: Options = {}): Ports => {
  const ports = smallPorts(options);
  open.push(ports);
  return ports;
};

const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
const records = (ports: Ports) => collect(ports.ledger.log.readStream('run-small'));
const lastOf = async (ports: Ports, type: string) => (await records(ports)).findLast((record) => record.type === type);
const expectSound = async (ports: Ports): Promise<void> => {
  expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
  const { divergence, runDigest } = await replayed(ports, 'small');
  expect(divergence).toBeNull();
  expect(runDigest?.replayed).toBe(runDigest?.recorded);
};

describe('a candidate that went too far', () => {
  const ports = opened();

  it('is rejected, tried once more half way, promoted, and replays to the same bytes', async () => {
    await begin(ports, overshooting('small'));
    const run = await advanceRun(ports, 'small');
    const [, rejected, rescued] = run.cycles;
    expect([rejected?.verdict?.verdict, rescued?.verdict?.verdict]).toEqual(['REJECT', 'ACCEPT']);
    expect(rescued?.interpolated).toMatchObject({ parent: rejected?.produced?.candidate, factor: 0.5 });
    expect(run.champion).toBe(rescued && candidateIn(rescued));
    expect(rescued?.verdict?.lineageIndex).toBe(2);
    const digests = [rejected, rescued].map(
      (cycle) => cycle?.probes.find(({ role }) => role === 'shadow')?.itemsDigest,
    );
    expect(digests[0]).not.toBe(digests[1]);
    const queries = (await collect(ports.ledger.log.readAll({ types: ['ProbeSuiteQueried'] }))).filter(
      ({ stream, data }) => stream === 'suite-small-gate' && data['cycle'] === 2,
    );
    expect(queries.map(({ data }) => data['candidate'])).toEqual([run.champion]);
    await expectSound(ports);
  }, 120_000);

  it('is found out where its weights are not those on the line', async () => {
    const { weights } = ports;
    const interpolate: Weights['interpolate'] = (a, b) => weights.interpolate(a, b, 0.25);
    const other = Object.assign(Object.create(weights) as Weights, { interpolate });
    const { disagreements } = await rejudgeRun({ ...ports, weights: other } as Ports, 'small');
    expect(disagreements).toMatchObject([{ cycle: 2, what: 'the interpolated candidate' }]);
  }, 60_000);
});

describe('updates that are rejected again and again', () => {
  it('make the regime back off once, then halt the run, which goes on when a person says so', async () => {
    const ports = opened();
    await begin(ports, hopeless('small'));
    const run = await advanceRun(ports, 'small');
    expect(run.status).toBe('halted');
    expect(run.cycles.map(({ proposal }) => proposal?.regime.steps)).toEqual([undefined, 6, 3]);
    expect(run.backedOff).toMatchObject({ cycle: 2, rejected: [1] });
    expect((await lastOf(ports, 'AdaptationStalled'))?.data).toEqual({ rejected: [2] });
    await expectSound(ports);
    await decide(ports.ledger, runStream, 'small', resumeRun('once more', 'ada'), by);
    const further = await advanceRun(ports, 'small');
    expect(further.status).toBe('halted');
    expect(further.cycles[3]?.proposal?.regime.steps).toBe(3);
    await expectSound(ports);
  }, 120_000);
});

describe('quality that is lost a little with every champion', () => {
  it('sets off the alarm: back to where it began, probed again, halted', async () => {
    const ports = opened();
    await begin(ports, creeping('small'));
    const run = await advanceRun(ports, 'small');
    expect(run.cycles.slice(1).map(({ verdict }) => verdict?.verdict)).toEqual(Array(4).fill('ACCEPT'));
    expect(run).toMatchObject({ status: 'halted', champion: run.anchor?.checkpoint, unverifiedRollback: undefined });
    expect((await lastOf(ports, 'RollbackRequested'))?.data).toMatchObject({ cause: 'drift', requester: 'policy' });
    expect((await lastOf(ports, 'RollbackVerified'))?.data).toMatchObject({ equal: true });
    await expectSound(ports);
  }, 120_000);
});

/** A run that is cut short when its first candidate has become the champion. */
const interrupted = async (artifacts: FailingArtifacts): Promise<Ports> => {
  const ports = opened({ artifacts });
  const mortal = Object.assign(Object.create(ports) as Ports, { trainer: new MortalTrainer(ports.trainer, [3]) });
  await begin(mortal, smallFile('small'));
  await expect(advanceRun(mortal, 'small')).rejects.toThrow('killed');
  return ports;
};

describe('a champion whose bytes are damaged', () => {
  it('is left for the ancestor that is whole, which is probed again before the run goes on', async () => {
    const artifacts = new FailingArtifacts();
    const ports = await interrupted(artifacts);
    const { champion = '', anchor } = await loadRun(ports, 'small');
    expect(champion).not.toBe(anchor?.checkpoint);
    artifacts.damaged.add(champion);
    // The run goes on as far as nothing needs the damaged weights; the report measures every candidate.
    await expect(advanceRun(ports, 'small')).rejects.toThrow(champion);
    const run = await loadRun(ports, 'small');
    expect(run.look?.checkpoints).toContain(champion);
    expect(run.cycles[2]?.aborted?.reason).toBe('rolled-back');
    const asked = await lastOf(ports, 'RollbackRequested');
    expect(asked?.data).toMatchObject({ cause: 'damage', from: champion, to: anchor?.checkpoint, requester: 'policy' });
    expect(asked?.actor).toMatchObject({ kind: 'policy', id: 'integrity' });
    expect((await lastOf(ports, 'RollbackVerified'))?.data).toMatchObject({
      checkpoint: anchor?.checkpoint,
      equal: true,
    });
    artifacts.damaged.clear();
    expect((await advanceRun(ports, 'small')).status).toBe('completed');
    await expectSound(ports);
  }, 120_000);

  it('halts the run where no champion before it is whole', async () => {
    const artifacts = new FailingArtifacts();
    const ports = await interrupted(artifacts);
    for (const hash of (await loadRun(ports, 'small')).accepted) artifacts.damaged.add(hash);
    expect((await advanceRun(ports, 'small')).status).toBe('halted');
    expect((await lastOf(ports, 'RunHalted'))?.data['reason']).toMatch(
      /cannot be read any more.*no champion before it/,
    );
  }, 60_000);
});

const stopAfter = async (ports: Ports, type: string, stop: AbortController): Promise<void> => {
  const heard = ports.ledger.log.subscribe({ streamPrefix: 'run-small', types: [type], signal: stop.signal });
  for await (const _recorded of heard) stop.abort();
};

describe('a promotion that a verification disputes', () => {
  it('is taken back at the next cycle, and the run is halted', async () => {
    const ports = opened();
    const { log } = ports.ledger;
    await begin(ports, smallFile('small', { cycles: 3 }));
    const stop = new AbortController();
    const stopping = stopAfter(ports, 'VerdictReached', stop);
    await advanceRun(ports, 'small', stop.signal);
    await stopping;
    const disputed = { run: 'small', cycle: 1, what: 'verdict', recorded: 'ACCEPT', recomputed: 'REJECT' };
    const counts = {
      events: 3,
      root: 'a'.repeat(64),
      streams: 1,
      artifacts: 0,
      artifactBytes: 0,
      erased: 0,
      signed: 0,
    };
    const found = { ...verification(counts, []), ok: false };
    await decide(ports.ledger, auditStream, '', recordVerification(found, [disputed]), by);
    const run = await advanceRun(ports, 'small');
    expect(run).toMatchObject({ status: 'halted', champion: run.anchor?.checkpoint });
    expect((await lastOf(ports, 'RollbackRequested'))?.data).toMatchObject({ cause: 'dispute' });
    await decide(ports.ledger, runStream, 'small', resumeRun('looked into it', 'ada'), by);
    expect((await advanceRun(ports, 'small')).status).toBe('completed');
    expect(
      (await collect(log.readStream('run-small'))).filter(({ type }) => type === 'RollbackRequested'),
    ).toHaveLength(1);
    await expectSound(ports);
  }, 120_000);
});

describe('a rollback drill', () => {
  const ports = opened();
  const drill = (some: Ports) =>
    new DrillRunHandler(some).execute(new DrillRun('small', 'practice', { requester: 'ada' }));

  it('goes back and forward again, both as when they were accepted, and changes nothing', async () => {
    await begin(ports, smallFile('small'));
    const before = await advanceRun(ports, 'small');
    expect(before.accepted.length).toBeGreaterThan(1);
    const drilled = await drill(ports);
    expect(drilled).toEqual({ champion: before.champion, ancestor: before.accepted.at(-2), equal: true });
    const after = await loadRun(ports, 'small');
    expect(after).toMatchObject({ status: 'completed', champion: before.champion });
    await expectSound(ports);
  }, 120_000);

  it('says so when a champion does not probe as it did, and comes back all the same', async () => {
    const { primary } = ports;
    const evaluate = async (...asked: Parameters<Evaluator['evaluate']>): Promise<Evaluated> => {
      const found = await primary.evaluate(...asked);
      return { ...found, nllNats: found.nllNats.map((nats) => nats + 1) };
    };
    const mistaken = Object.assign(Object.create(ports) as Ports, {
      primary: Object.assign(Object.create(primary) as Evaluator, { evaluate }),
    });
    const { champion } = await loadRun(ports, 'small');
    expect(await drill(mistaken)).toMatchObject({ champion, equal: false });
    expect((await loadRun(ports, 'small')).champion).toBe(champion);
  }, 60_000);
});
