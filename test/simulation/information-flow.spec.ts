import { Ledger } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { loadContext, loadRun } from '#loop/run-context.js';
import { advanceRun, takeStep } from '#loop/run-loop.js';
import { nextStep } from '#run/domain/next-step.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const ports = smallPorts();
const opened = [ports];

beforeAll(async () => {
  await begin(ports, smallFile('flow', { policy: 'uncertainty', memory: { episodic: {}, predictive: {} } }));
  await advanceRun(ports, 'flow');
}, 60_000);
afterAll(() => Promise.all(opened.map(({ shadow }) => shadow.close())));

const isSecond = ({ type, data }: Record): boolean => type === 'CycleProposed' && data['cycle'] === 2;

/** What is proposed in cycle 2 where the evaluators had found other figures of these roles. */
const proposedAfter = async (...roles: readonly string[]): Promise<Record['data'] | undefined> => {
  const log = new MemoryLog();
  const other = smallPorts({ log, artifacts: ports.artifacts });
  opened.push(other);
  for await (const { record } of ports.ledger.log.readAll()) {
    if (isSecond(record)) break;
    const { stream, revision, data, ...proposed } = record;
    const told = record.type === 'ProbesRecorded' && roles.includes(String(data['role']));
    const metrics = Object.entries((data['metrics'] ?? {}) as { [name: string]: number });
    const changed = Object.fromEntries(metrics.map(([name, value], at) => [name, value / (at + 2)]));
    const figures = { correct: 0, nllNatsSum: 1, metrics: changed };
    const event = { ...proposed, data: { ...data, ...(told && figures) } };
    await log.append(stream, revision === 0 ? 'no-stream' : revision - 1, [event]);
  }
  Object.assign(other, { ledger: new Ledger(log, new CountedClock(), new CountedIds(1_000_000)) });
  const run = await loadRun(other, 'flow');
  await takeStep(other, await loadContext(other, run.config), run, nextStep(run));
  for await (const { record } of log.readAll()) if (isSecond(record)) return record.data;
  return undefined;
};

describe('what the suites tell the loop', () => {
  it('is the scout suite, as the allocation reads it', async () => {
    const asRecorded = await proposedAfter();
    for await (const { record } of ports.ledger.log.readAll())
      if (isSecond(record)) expect(record.data).toEqual(asRecorded);
    expect(asRecorded).toBeDefined();
    const other = await proposedAfter('scout');
    expect(other?.['allocation']).not.toEqual(asRecorded?.['allocation']);
    expect(other?.['forecast']).not.toEqual(asRecorded?.['forecast']);
    expect(other?.['memory']).toEqual(asRecorded?.['memory']);
  });

  it('is nothing of gate and shadow but the verdict: other figures there change no proposal, memory or forecast', async () => {
    const proposed = await proposedAfter('gate', 'shadow');
    expect(proposed).toEqual(await proposedAfter());
    expect(proposed?.['forecast']).not.toBeNull();
  });
});
