import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { dataFolder } from '#store/data-folder.js';
import { ServiceProcess } from '../../e2e/service-process.js';
import { cpuMsOf, memoryOf } from './measure.js';

const QUIET = ['--log-level', 'error', '--rate-limit', '0', '--no-trainer'];
const LOOK_EVERY_MS = 100;

export type Ready = Readonly<{ service: ServiceProcess; listensMs: number; readyMs: number }>;

/** Starts the service; ready is when its read models stand where the log ends. */
export const startService = async (data: string): Promise<Ready> => {
  const before = performance.now();
  const service = await ServiceProcess.start(data, ...QUIET);
  const listensMs = performance.now() - before;
  await service.until('/readyz', ({ text }) => / 0 records behind the log/.test(text));
  return { service, listensMs, readyMs: performance.now() - before };
};

export type Rebuilt = Readonly<{
  eventsPerSecond: number;
  /** Processor time of the service for one event, in microseconds. */
  cpuUs: number;
  fromNothingMs: number;
  whileMb: number;
}>;

const positionOf = (text: string): number => Number(/at position (\d+)/.exec(text)?.[1] ?? 0);

/** Has the service write all read models from nothing. The time is taken from the first rows seen to the last. */
export const rebuild = async (data: string, events: number): Promise<Rebuilt> => {
  await rm(dataFolder(data).views, { recursive: true, force: true });
  const before = performance.now();
  const service = await ServiceProcess.start(data, ...QUIET);
  const pid = service.child.pid as number;
  let first: Readonly<{ position: number; at: number; cpuMs: number }> | undefined;
  for (;;) {
    const { text } = await service.get('/readyz');
    const [position, at] = [positionOf(text), performance.now()];
    if (position > 0) first ??= { position, at, cpuMs: await cpuMsOf(pid) };
    if (first && position >= events) {
      const count = position - first.position;
      const eventsPerSecond = (1000 * count) / (at - first.at);
      const cpuUs = (1000 * ((await cpuMsOf(pid)) - first.cpuMs)) / count;
      const { mostMb: whileMb } = await memoryOf(pid);
      await service.stop();
      return { eventsPerSecond, cpuUs, fromNothingMs: at - before, whileMb };
    }
    await pause(LOOK_EVERY_MS);
  }
};
