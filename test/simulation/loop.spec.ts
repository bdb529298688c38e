import { rejudgeRun } from '#audit/rejudge.js';
import { EvaluatorFailed, type Evaluated, type Evaluator } from '#evaluation/evaluator.js';
import { ArtifactUnwritable, type Artifacts } from '#ledger/artifacts.js';
import { runDigest, sha256 } from '#ledger/digest.js';
import { collect, decide } from '#ledger/ledger.js';
import { LogUnwritable, type Receipt } from '#ledger/log.js';
import { LoopDriver } from '#loop/loop-driver.js';
import { RollBackRunHandler, RollBackRun } from '#loop/roll-back-run.js';
import { loadRun } from '#loop/run-context.js';
import { RunDriver } from '#loop/run-driver.js';
import { haltRun, resumeRun } from '#run/domain/decisions.js';
import { runStream } from '#run/domain/run.js';
import { MemoryLog } from '#store/memory-log.js';
import { InProcessWorker } from '#trainer/in-process-worker.js';
import type { NativeTrainer } from '#trainer/train-natively.js';
import { TrainingDesk } from '#trainer/training-desk.js';
import { begin, smallFile, smallPorts, type Options } from './small-run.js';

type Ports = ReturnType<typeof smallPorts>;
const open: { ports: Ports; desk: TrainingDesk; worker: InProcessWorker }[] = [];
afterAll(async () => {
  for (const { ports, desk, worker } of open) {
    desk.close();
    await worker.stop();
    await ports.shadow.close();
  }
});

/** As a service has them: a desk, and a trainer in this process that takes orders from it. */
const served = (options: Options = {}): Ports => {
  const direct = smallPorts(options);
  const native = direct.trainer as NativeTrainer;
  const desk = new TrainingDesk(direct.ledger.clock, () => native.facts());
  const worker = new InProcessWorker(desk, native);
  worker.start();
  const ports = Object.assign(direct, { trainer: desk });
  open.push({ ports, desk, worker });
  return ports;
};

const PAUSES = { firstMs: 1, mostMs: 20 };
const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
const records = (ports: Ports, run: string) => collect(ports.ledger.log.readStream(`run-${run}`));
const typesOf = async (ports: Ports, run: string) => (await records(ports, run)).map(({ type }) => type);
const until = async (ports: Ports, run: string, type: string): Promise<void> => {
  const enough = new AbortController();
  for await (const { record } of ports.ledger.log.subscribe({ streamPrefix: `run-${run}`, signal: enough.signal }))
    if (record.type === type) return;
};

const calm = served();
let digest = '';

beforeAll(async () => {
  await begin(calm, smallFile('small'));
  const loop = new LoopDriver(calm, PAUSES);
  loop.start();
  await until(calm, 'small', 'RunCompleted');
  await loop.stop();
  digest = runDigest(await records(calm, 'small'));
}, 120_000);

describe('the loop', () => {
  it('takes a run up that it finds unfinished, and others that start while it goes', async () => {
    const ports = served();
    await begin(ports, smallFile('first'));
    const loop = new LoopDriver(ports, PAUSES);
    loop.start();
    await begin(ports, smallFile('second', { seed: 2 }));
    await Promise.all(['first', 'second'].map((run) => until(ports, run, 'RunCompleted')));
    await loop.stop();
    expect(loop.states()).toEqual([]);
  }, 120_000);

  it('comes to the same run when three drivers are rivals for it, with one promotion', async () => {
    const ports = served();
    await begin(ports, smallFile('small'));
    const closing = new AbortController();
    const rivals = [1, 2, 3].map(() => new RunDriver(ports, 'small', closing.signal, PAUSES));
    await Promise.all(rivals.map((driver) => driver.drive()));
    const own = await records(ports, 'small');
    const once = (type: string, keys: readonly string[]) => {
      const seen = own
        .filter((record) => record.type === type)
        .map(({ data }) => JSON.stringify(keys.map((k) => data[k])));
      expect(seen).toEqual([...new Set(seen)]);
    };
    for (const type of ['CandidatePromoted', 'VerdictReached', 'UpdateProduced', 'CycleProposed', 'RunCompleted'])
      once(type, ['cycle']);
    once('ProbesRecorded', ['cycle', 'subject', 'role', 'checkpoint']);
    expect(runDigest(own)).toBe(digest);
    expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
  }, 120_000);

  it('tries a failing step again, shows why it waits, and neither loses nor doubles anything', async () => {
    const log = new (class extends MemoryLog {
      refusals = 0;
      override async append(...asked: Parameters<MemoryLog['append']>): Promise<Receipt> {
        const [stream, , [first]] = asked;
        const full = ['UpdateProduced', 'VerdictReached'].includes(first?.type ?? '') && this.refusals++ % 3 < 2;
        if (stream === 'run-small' && full) throw new LogUnwritable('no space left on the disk');
        return super.append(...asked);
      }
    })();
    const ports = served({ log });
    const { primary } = ports;
    let failures = 2;
    const evaluate = async (...asked: Parameters<Evaluator['evaluate']>): Promise<Evaluated> => {
      if (failures-- > 0) throw new EvaluatorFailed('native', 'it is tired');
      return primary.evaluate(...asked);
    };
    Object.assign(ports, { primary: Object.assign(Object.create(primary) as Evaluator, { evaluate }) });
    await begin(ports, smallFile('small'));
    const loop = new LoopDriver(ports, { firstMs: 40, mostMs: 40 });
    loop.start();
    const seen = new Set<string>();
    const looking = setInterval(
      () => loop.states().forEach(({ state, error }) => seen.add(`${state} ${error ?? ''}`)),
      5,
    );
    await until(ports, 'small', 'RunCompleted');
    clearInterval(looking);
    await loop.stop();
    expect([...seen]).toEqual(
      expect.arrayContaining(['retrying no space left on the disk', 'retrying evaluator native: it is tired']),
    );
    expect(await typesOf(ports, 'small')).not.toContain('UpdateAborted');
    expect(runDigest(await records(ports, 'small'))).toBe(digest);
  }, 120_000);

  it('waits longer each time that an update fails, though each attempt is closed and ordered anew in between', async () => {
    const ports = served();
    const { artifacts } = ports;
    let refusals = 5;
    const put = async (bytes: Uint8Array): Promise<string> => {
      const trains = (await typesOf(ports, 'small')).at(-1) === 'UpdateStarted';
      const isNew = !(await artifacts.has(sha256(bytes)));
      if (trains && isNew && refusals-- > 0) throw new ArtifactUnwritable('no space left on the disk');
      return artifacts.put(bytes);
    };
    Object.assign(ports, { artifacts: Object.assign(Object.create(artifacts) as Artifacts, { put }) });
    const told: string[] = [];
    const hear = (_run: string, _cycle: number, what: string): void => void told.push(what);
    Object.assign(ports, { listener: { training: () => undefined, working: hear } });
    await begin(ports, smallFile('small'));
    const loop = new LoopDriver(ports, { firstMs: 2, mostMs: 16 });
    loop.start();
    await until(ports, 'small', 'RunCompleted');
    await loop.stop();
    const waits = told.filter((what) => what.endsWith(': no space left on the disk'));
    expect(waits.map((what) => what.split(':')[0])).toEqual(
      [2, 4, 8, 16, 16].map((ms) => `tried again in ${ms / 1000} s`),
    );
    const aborted = (await records(ports, 'small')).filter(({ type }) => type === 'UpdateAborted');
    expect(aborted.map(({ data }) => data['reason'])).toEqual(waits.map(() => 'crash'));
    expect(runDigest(await records(ports, 'small'))).toBe(digest);
    expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
  }, 120_000);

  it('stops at the end of a step and goes on from there', async () => {
    const ports = served();
    await begin(ports, smallFile('small'));
    for (const type of ['UpdateStarted', 'AnchorEstablished', 'CycleProposed', 'VerdictReached', 'LookOpened']) {
      const loop = new LoopDriver(ports, PAUSES);
      loop.start();
      await until(ports, 'small', type);
      await loop.stop();
    }
    const last = new LoopDriver(ports, PAUSES);
    last.start();
    await until(ports, 'small', 'RunCompleted');
    await last.stop();
    expect(runDigest(await records(ports, 'small'))).toBe(digest);
  }, 120_000);
});

describe('a run that is trained', () => {
  it('stops training when it is halted, and trains again when it is resumed', async () => {
    const ports = served();
    await begin(ports, smallFile('small', { base: { steps: 20, batch: 8 } }));
    const loop = new LoopDriver(ports, PAUSES);
    loop.start();
    await until(ports, 'small', 'UpdateStarted');
    await decide(ports.ledger, runStream, 'small', haltRun('night', 'ada'), by);
    while (loop.states()[0]?.state !== 'resting') await new Promise((resolve) => setTimeout(resolve, 5));
    await decide(ports.ledger, runStream, 'small', resumeRun('morning', 'ada'), by);
    await until(ports, 'small', 'RunCompleted');
    await loop.stop();
    expect((await loadRun(ports, 'small')).champion).toBe((await loadRun(calm, 'small')).champion);
  }, 120_000);

  it('leaves an update whose champion is rolled back, verified once though two see to it', async () => {
    const ports = served();
    await begin(ports, smallFile('small'));
    const loop = new LoopDriver(ports, PAUSES);
    loop.start();
    await until(ports, 'small', 'CandidatePromoted');
    const anchor = (await loadRun(ports, 'small')).anchor?.checkpoint ?? '';
    const handler = new RollBackRunHandler(ports);
    const { verified } = await handler.execute(new RollBackRun('small', anchor, 'drill', { requester: 'ada' }));
    expect(verified).toBe(true);
    await until(ports, 'small', 'RunCompleted');
    await loop.stop();
    expect((await typesOf(ports, 'small')).filter((type) => type === 'RollbackVerified')).toHaveLength(1);
    expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
  }, 120_000);
});
