import { readFile } from 'node:fs/promises';
import autocannon from 'autocannon';

/** Milliseconds. */
export type Spread = Readonly<{ p50: number; p99: number; most: number }>;
/** `cpuMs`: processor time of the answering process for one answer, which other work on the machine hardly changes. */
export type Rate = Spread & Readonly<{ perSecond: number; failed: number; cpuMs: number }>;

export const spreadOf = (timesMs: readonly number[]): Spread => {
  const sorted = [...timesMs].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
};

const TICK_MS = 10;

/** Processor time that a process has taken so far, in milliseconds. */
export const cpuMsOf = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
  return TICK_MS * (Number(user) + Number(system));
};

export type Load = Readonly<{ connections: number; seconds: number }>;
export type Answering = Readonly<{ url: string; pid: number }>;

/** Asks for these paths in turn, every connection from another one on. */
export const ask = async (
  { url, pid }: Answering,
  paths: readonly string[],
  { connections, seconds }: Load,
): Promise<Rate> => {
  const before = await cpuMsOf(pid);
  const requests = paths.map((path) => ({ method: 'GET' as const, path }));
  const timesMs: number[] = [];
  let clients = 0;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    setupClient: (client) => {
      const first = Math.floor((clients++ * requests.length) / connections);
      client.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
      client.on('response', (_status: number, _bytes: number, elapsedMs: number) => timesMs.push(elapsedMs));
    },
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  const cpuMs = ((await cpuMsOf(pid)) - before) / timesMs.length;
  return { ...spreadOf(timesMs), perSecond: timesMs.length / result.duration, failed, cpuMs };
};

/** Resident memory of a process in MB: now, and the most it ever was. */
export const memoryOf = async (pid: number): Promise<Readonly<{ nowMb: number; mostMb: number }>> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mb = (field: string): number =>
    Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1000);
  return { nowMb: mb('VmRSS'), mostMb: mb('VmHWM') };
};

export const elapsed = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
  const before = performance.now();
  const result = await work();
  return [result, performance.now() - before];
};
