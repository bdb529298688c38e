import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { addCounts, type LineageCounts, type LineageSetting } from '#experiment/domain/gate-lineages.js';
import type { LineagePart } from './lineage-worker.js';

const WORKER = fileURLToPath(new URL('./lineage-worker.js', import.meta.url));
/** Lineages that a thread takes at once. */
const PART = 25;

/** Runs many lineages on as many threads as are given; the counts do not depend on their number. */
export class LineageThreads {
  private readonly idle: Worker[];

  constructor(threads: number) {
    this.idle = Array.from({ length: threads }, () => new Worker(WORKER));
  }

  async run(setting: LineageSetting, lineages: number): Promise<LineageCounts> {
    const parts = Array.from({ length: Math.ceil(lineages / PART) }, (_, at) => ({
      setting,
      from: at * PART,
      to: Math.min(lineages, (at + 1) * PART),
    }));
    const found: LineageCounts[] = [];
    let next = 0;
    const work = async (worker: Worker): Promise<void> => {
      for (let at = next++; at < parts.length; at = next++)
        found[at] = await this.ask(worker, parts[at] as LineagePart);
    };
    await Promise.all(this.idle.map(work));
    return addCounts(found);
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.map((worker) => worker.terminate()));
  }

  private async ask(worker: Worker, part: LineagePart): Promise<LineageCounts> {
    const answer = once(worker, 'message') as Promise<[LineageCounts]>;
    worker.postMessage(part);
    return (await answer)[0];
  }
}
