import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import { recordBytes, type Record } from '#ledger/record.js';
import { CountedIds } from '#store/counted-ids.js';
import { dataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { faultsIn, group, recordsOf, type Acknowledged } from './appended.js';
import type { Line } from './child.js';
import { FIRST_NEW_ID, notaryOf } from './small-data.js';

type Signed = Readonly<{ size: number; root: string }>;

const said = <T>(lines: readonly Line[], word: 'did' | 'refused', what: string): readonly T[] =>
  lines.filter((line) => line[word] === what) as unknown as readonly T[];

/** Events that lie there although whoever appended them was told that nothing was kept. */
const keptThoughRefused = (records: readonly Record[], lines: readonly Line[]): readonly string[] => {
  const there = new Set(records.map(({ id }) => id));
  return said<{ ids: readonly string[] }>(lines, 'refused', 'append')
    .flatMap(({ ids }) => ids)
    .filter((id) => there.has(id))
    .map((id) => `event ${id} is there, though its append was refused`);
};

/** What is published must be what the log begins with, and no less than what was acknowledged as signed. */
const checkpointFaults = async (data: string, records: readonly Record[], acknowledged: readonly Signed[]) => {
  const leaves = records.map((record) => leafHash(recordBytes(record)));
  const wrong = ({ size, root }: Signed): boolean =>
    size > leaves.length || Buffer.from(merkleRoot(leaves.slice(0, size))).toString('hex') !== root;
  const published = await notaryOf(data).read();
  const heads = published ? [...acknowledged, published.head] : acknowledged;
  const lost = acknowledged
    .filter(({ size }) => size > (published?.head.size ?? 0))
    .map(({ size }) => `a checkpoint over ${size} records was acknowledged, and is not published`);
  return [...lost, ...heads.filter(wrong).map(({ size }) => `the log is not the one signed over ${size} records`)];
};

/** What was acknowledged must be there, and what is there must be whole; what is half written must go when it is swept. */
const artifactFaults = async (data: string, acknowledged: readonly string[]): Promise<readonly string[]> => {
  const folder = dataFolder(data).artifacts;
  const artifacts = new FileArtifacts(folder);
  await artifacts.sweep();
  const left = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = left.filter((entry) => entry.isFile()).map(({ name }) => basename(name));
  const faults: string[] = [];
  for (const name of new Set([...names, ...acknowledged]))
    await artifacts.get(name).catch((error: unknown) => faults.push(String(error)));
  return faults;
};

/** Work goes on behind what is there. */
const goingOnFaults = async (data: string, log: LmdbLog): Promise<readonly string[]> => {
  const head = log.head();
  const receipt = await log.append('a', 'any', group(new CountedIds(2 * FIRST_NEW_ID), 2, 10));
  const { size } = await notaryOf(data).advance(log);
  return receipt.position === head + 2 && size === head + 2
    ? []
    : [`after ${head} records, two more end at ${receipt.position}, signed over ${size}`];
};

/**
 * What a fault did to a data folder, found by opening it anew and working on in it.
 * @param before what was acknowledged before the workload began
 * @param lines what the workload said
 */
export const faultsAfter = async (
  data: string,
  before: readonly Acknowledged[],
  lines: readonly Line[],
): Promise<readonly string[]> => {
  const appends = [...before, ...said<Acknowledged>(lines, 'did', 'append')];
  const faults: string[] = [];
  try {
    const log = await LmdbLog.open(dataFolder(data).log);
    try {
      const records = await recordsOf(log);
      faults.push(...faultsIn(records, appends), ...keptThoughRefused(records, lines));
      faults.push(...(await checkpointFaults(data, records, said<Signed>(lines, 'did', 'sign'))));
      const put = said<{ name: string }>(lines, 'did', 'put').map(({ name }) => name);
      faults.push(...(await artifactFaults(data, put)));
      faults.push(...(await goingOnFaults(data, log)));
      faults.push(...faultsIn(await recordsOf(log), appends));
    } finally {
      await log.close();
    }
  } catch (error) {
    faults.push(`the folder cannot be gone on with: ${error}`);
  }
  return faults;
};
