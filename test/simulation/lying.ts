import { replayRun, type Replayed } from '#audit/replay-run.js';
import { OverlayArtifacts } from '#audit/scratch.js';
import type { Evaluated, Evaluator } from '#evaluation/evaluator.js';
import { collect, Ledger } from '#ledger/ledger.js';
import { advanceRun } from '#loop/run-loop.js';
import type { Started } from '#run/domain/run.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { begin, smallFile, smallPorts } from './small-run.js';

type Ports = ReturnType<typeof smallPorts>;
type Evaluate = Evaluator['evaluate'];
export type Lie = (
  honest: Evaluate,
  asked: Readonly<{ checkpoint: Uint8Array; sequences: Uint8Array }>,
) => Promise<Evaluated>;

export const opened: Ports[] = [];
export const closeAll = async (): Promise<void> => {
  for (const { shadow } of opened) await shadow.close();
};

/** Lies once the base is trained: who lies from the beginning spoils the anchor too. */
const lying = (evaluator: Evaluator, lie: Lie, isOn: () => boolean): Evaluator => {
  const honest: Evaluate = (...asked) => evaluator.evaluate(...asked);
  const evaluate: Evaluate = (checkpoint, sequences) =>
    isOn() ? lie(honest, { checkpoint, sequences }) : honest(checkpoint, sequences);
  return Object.assign(Object.create(evaluator) as Evaluator, { evaluate });
};

export type Told = Readonly<{ ports: Ports; run: Started }>;
export const told = async (lie: Lie, limitMs = 60_000, signal?: AbortSignal): Promise<Told> => {
  const ports = smallPorts();
  opened.push(ports);
  const isOn = (): boolean => on;
  let on = false;
  Object.assign(ports, { primary: lying(ports.primary, lie, isOn), evaluationLimitMs: limitMs });
  await begin(ports, smallFile('small', { cycles: 1 }));
  const { trainer } = ports;
  const train: typeof trainer.train = async (order, training) => {
    await trainer.train(order, training);
    on = order.cycle === 1;
  };
  Object.assign(ports, { trainer: Object.assign(Object.create(trainer) as typeof trainer, { train }) });
  const listener = {
    training: () => undefined,
    working: (_: string, __: number, what: string) => {
      if (what.startsWith('looking')) on = false;
    },
  };
  Object.assign(ports, { listener });
  return { ports, run: await advanceRun(ports, 'small', signal) };
};

export const typesOf = async ({ ports }: Pick<Told, 'ports'>): Promise<readonly string[]> =>
  (await collect(ports.ledger.log.readStream('run-small'))).map(({ type }) => type);

export const replayed = (ports: Ports): Promise<Replayed> => {
  const honest = smallPorts({ log: ports.ledger.log, artifacts: ports.artifacts });
  opened.push(honest);
  const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds(1_000_000));
  const artifacts = new OverlayArtifacts(new MemoryArtifacts(), ports.artifacts);
  return replayRun(honest, 'small', { ledger, artifacts });
};

export const failed = ({ cycles }: Started): readonly string[] =>
  (cycles[1]?.verdict?.reasons ?? []).filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule);

export const withLosses = (found: Evaluated, nats: (loss: number, at: number) => number): Evaluated => ({
  ...found,
  nllNats: found.nllNats.map(nats),
});
