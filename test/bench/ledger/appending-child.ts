/** Appends to a store for some seconds from so many writers at once, each to a stream of its own; prints what it came to,
 * with the processor time of the store's server. */
import { readdir, readFile } from 'node:fs/promises';
import { cpuMsOf, memoryOf } from '../service/measure.js';
import { STORES, type StoreName } from './stores.js';

const [name = 'ledger', place = '', writersText = '1', secondsText = '1', folder = '', server = ''] =
  process.argv.slice(2);
const [writers, seconds] = [Number(writersText), Number(secondsText)];
const WARM_EVENTS = 50;

/** Processor time of a server's processes, its first one's children; 0 without a server. */
const serverCpuMs = async (): Promise<number> => {
  let sum = 0;
  for (const pid of server === '' ? [] : (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
    const [, , parent] = stat.slice(stat.lastIndexOf(')')).split(' ');
    if (parent === server) sum += await cpuMsOf(Number(pid));
  }
  return sum;
};

const store = await STORES[name as StoreName](place, writers, folder);
const counts = Array.from({ length: writers }, () => 0);
const write = async (goesOn: (count: number) => boolean): Promise<void> => {
  const one = async (_: number, writer: number): Promise<void> => {
    for (let done = 0; goesOn(done); done += 1) {
      await store.append(writer, counts[writer] as number);
      (counts[writer] as number) += 1;
    }
  };
  await Promise.all(counts.map(one));
};
const total = (): number => counts.reduce((sum, count) => sum + count, 0);

await write((done) => done < Math.ceil(WARM_EVENTS / writers));
const [warm, served, before, worked] = [total(), await serverCpuMs(), performance.now(), process.cpuUsage()];
await write(() => performance.now() - before < 1000 * seconds);
const events = total() - warm;
const perSecond = (1000 * events) / (performance.now() - before);
const { user, system } = process.cpuUsage(worked);
const cpuUs = (user + system + 1000 * ((await serverCpuMs()) - served)) / events;
await store.close();
const { mostMb } = await memoryOf(process.pid);
process.stdout.write(`${JSON.stringify({ perSecond, cpuUs, mostMb })}\n`);
// A store of others may keep the process alive.
process.exit();
