import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { Views } from '#doors/read-model.js';
import type { Log } from '#ledger/log.js';
import { parseRecord } from '#ledger/record.js';
import { MemoryLog } from '#store/memory-log.js';
import { ExperimentQuestions } from './experiment-questions.js';

const RECORDS = join(process.cwd(), 'test', 'golden', 'report', 'records.jsonl.gz');
const records = gunzipSync(readFileSync(RECORDS))
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => parseRecord(Buffer.from(line, 'utf8')));

/** Views that have read as far as the log goes. */
class AtTheEnd extends Views {
  position = 0;
  reached = (asOf: number): Promise<boolean> => Promise.resolve(asOf <= this.position);
  caughtUp = (): Promise<boolean> => Promise.resolve(true);
  state = (): Promise<never> => Promise.reject(new RangeError('nobody asks for it here'));
}

it('reads an experiment again only for what is of it, and answers as of any position', async () => {
  const [log, views] = [new MemoryLog(), new AtTheEnd()];
  const read: string[] = [];
  const spied = new Proxy<Log>(log, {
    get: (of, name) => {
      if (name === 'readStream') read.push('stream');
      const value: unknown = Reflect.get(of, name);
      return typeof value === 'function' ? (value.bind(of) as unknown) : value;
    },
  });
  const questions = new ExperimentQuestions(spied, views);
  const append = async (from: number, to: number): Promise<void> => {
    for (const { stream, revision: _revision, ...proposed } of records.slice(from, to))
      views.position = (await log.append(stream, 'any', [proposed])).position;
  };
  const readsOf = async (ask: () => Promise<unknown>): Promise<number> => {
    const before = read.length;
    await ask();
    return read.length - before;
  };
  const registered = records.findIndex(({ type }) => type === 'ExperimentRegistered') + 1;
  const amended = records.findIndex(({ type }) => type === 'RegistrationAmended') + 1;
  await append(0, amended);
  const ask = (): Promise<unknown> => questions.report('drug');
  expect(await readsOf(ask)).toBe(7);
  expect(await readsOf(ask)).toBe(0);
  const other = records[0];
  if (!other) throw new RangeError('records: there are none');
  const {
    revision: _revision,
    stream,
    ...again
  } = { ...other, stream: 'elsewhere', id: `${other.id.slice(0, -4)}ffff` };
  views.position = (await log.append(stream, 'any', [{ ...again, type: 'Unheard' }])).position;
  expect(await readsOf(ask)).toBe(0);
  await append(amended, records.length);
  expect(await readsOf(ask)).toBe(7);
  expect((await questions.one('drug')).looksTaken).toBe(1);
  expect(await questions.one('drug', registered)).toMatchObject({ version: 1, looksTaken: 0, runsBegun: 0 });
  expect((await questions.one('drug')).looksTaken).toBe(1);
});
