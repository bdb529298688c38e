import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ask, type Load, type Rate } from './measure.js';

export type Peers = Readonly<{ rowsPerSecond: number; cpuUs: number; select: Rate }>;

const SCRIPT = fileURLToPath(new URL('./peers-child.js', import.meta.url));

/** The same database without the service: rows a second by raw inserts, and a bare HTTP server with one select. */
export const measurePeers = async (rows: number, load: Load): Promise<Peers> => {
  const child = spawn(process.execPath, [SCRIPT, String(rows)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { url, ...inserts } = JSON.parse(line) as { url: string; rowsPerSecond: number; cpuUs: number };
      const paths = Array.from({ length: 1000 }, (_, at) => `/${1 + ((at * 7919) % rows)}`);
      return { ...inserts, select: await ask({ url, pid: child.pid as number }, paths, load) };
    }
    throw new Error('the peer ended before it listened');
  } finally {
    child.kill();
    await closed;
  }
};
