import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Part } from './envelope-worker.js';

const WORKER = fileURLToPath(new URL('./envelope-worker.js', import.meta.url));

/** Works off parts on as many threads as are given; the answers come in the order of the parts, however many those are. */
export class ArmThreads {
  private readonly idle: Worker[];

  constructor(threads: number) {
    this.idle = Array.from({ length: threads }, () => new Worker(WORKER));
  }

  async run<T>(parts: readonly Part[]): Promise<readonly T[]> {
    const found: T[] = [];
    let next = 0;
    const work = async (worker: Worker): Promise<void> => {
      for (let at = next++; at < parts.length; at = next++) {
        const answer = once(worker, 'message') as Promise<[T]>;
        worker.postMessage(parts[at]);
        found[at] = (await answer)[0];
      }
    };
    await Promise.all(this.idle.map(work));
    return found;
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.map((worker) => worker.terminate()));
  }
}
