import type { ServiceProcess } from '../../e2e/service-process.js';
import { elapsed, spreadOf, type Spread } from './measure.js';

/** Milliseconds from a command's request to its answer, which comes once its event is durable: one caller, and 16 at once. */
export const measureCommands = async (
  service: ServiceProcess,
  halted: readonly string[],
): Promise<Readonly<{ one: Spread; many: Spread }>> => {
  const timed = async (run: string, verb: string): Promise<number> => {
    const [answer, elapsedMs] = await elapsed(() => service.post(`/v1/runs/${run}/${verb}`, { reason: 'measured' }));
    if (answer.status !== 200) throw new Error(`${verb} ${run}: ${answer.status} ${answer.text}`);
    return elapsedMs;
  };
  const all = async (callers: number): Promise<readonly number[]> => {
    const timesMs: number[] = [];
    const left = halted.flatMap((run) => [run]);
    const call = async (): Promise<void> => {
      for (let run = left.pop(); run !== undefined; run = left.pop()) {
        timesMs.push(await timed(run, 'resume'));
        timesMs.push(await timed(run, 'halt'));
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
    return timesMs;
  };
  return { one: spreadOf(await all(1)), many: spreadOf(await all(16)) };
};
