import { replayRun } from '#audit/replay-run.js';
import { OverlayArtifacts } from '#audit/scratch.js';
import type { Artifacts } from '#ledger/artifacts.js';
import { collect, decide, Ledger } from '#ledger/ledger.js';
import { loadRun } from '#loop/run-context.js';
import { advanceRun } from '#loop/run-loop.js';
import { rollBack } from '#run/domain/decisions.js';
import { runStream } from '#run/domain/run.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
const plain = smallPorts();
const ports = smallPorts();
afterAll(() => Promise.all([plain, ports].map(({ shadow }) => shadow.close())));

const queries = async (): Promise<number> =>
  (await collect(ports.ledger.log.readStream('suite-small-gate'))).filter(({ type }) => type === 'ProbeSuiteQueried')
    .length;

/** The process goes away once: after the second cycle's query of the gate suite, before anything is probed with it. */
const dyingArtifacts = (artifacts: Artifacts): Artifacts => {
  let alive = true;
  const get = async (sha256: string): Promise<Uint8Array> => {
    if (alive && (await queries()) === 2) {
      alive = false;
      throw new Error('killed');
    }
    return artifacts.get(sha256);
  };
  return Object.assign(Object.create(artifacts) as Artifacts, { get });
};

it('a run rolled back between a query and its probe replays with the budget that was really left', async () => {
  Object.assign(ports, { artifacts: dyingArtifacts(ports.artifacts) });
  await begin(ports, smallFile('small', { cycles: 3 }));
  await expect(advanceRun(ports, 'small')).rejects.toThrow('killed');
  const { accepted } = await loadRun(ports, 'small');
  expect(accepted).toHaveLength(2);
  await decide(ports.ledger, runStream, 'small', rollBack(accepted[0] ?? '', 'drill', 'ada'), by);
  expect((await advanceRun(ports, 'small')).status).toBe('completed');
  expect(await queries()).toBe(3);
  const scratch = {
    ledger: new Ledger(new MemoryLog(), new CountedClock(), new CountedIds(1_000_000)),
    artifacts: new OverlayArtifacts(new MemoryArtifacts(), ports.artifacts),
  };
  const sources = { ...plain, ledger: ports.ledger, artifacts: ports.artifacts } as typeof ports;
  const { divergence, runDigest } = await replayRun(sources, 'small', scratch);
  expect(divergence).toBeNull();
  expect(runDigest?.replayed).toBe(runDigest?.recorded);
}, 60_000);
