import { appendFile, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ArtifactDamaged, ArtifactMissing, ArtifactUnwritable } from '#ledger/artifacts.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { thisProcess } from '#store/owner.js';
import { artifactsContract } from './artifacts.contract.js';

/** Linux numbers processes up to 2^22. */
const BEYOND_ANY_PID = 2 ** 22 + 1;

let folder = '';
const open = async (): Promise<FileArtifacts> => {
  folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
  return new FileArtifacts(folder);
};
const discard = (): Promise<void> => rm(folder, { recursive: true });

artifactsContract('a folder', open, discard);

describe('a folder of artifacts', () => {
  const bytes = new TextEncoder().encode('weights');
  let artifacts: FileArtifacts;
  let name = '';
  let path = '';
  beforeEach(async () => {
    artifacts = await open();
    name = await artifacts.put(bytes);
    path = join(folder, name.slice(0, 2), name);
  });
  afterEach(discard);

  it('holds whole files only, found again after a restart', async () => {
    expect(await readdir(join(folder, name.slice(0, 2)))).toEqual([name]);
    expect(Buffer.from(await new FileArtifacts(folder).get(name)).toString()).toBe('weights');
  });

  it('takes a half-written file of a writer that died for nothing, and replaces it', async () => {
    await unlink(path);
    const left = `${name}.${BEYOND_ANY_PID}-1-0.tmp`;
    await writeFile(join(folder, name.slice(0, 2), left), bytes.subarray(0, 3));
    const later = new FileArtifacts(folder);
    expect(await later.has(name)).toBe(false);
    await expect(later.get(name)).rejects.toThrow(ArtifactMissing);
    expect(await later.put(bytes)).toBe(name);
    expect(Buffer.from(await later.get(name)).toString()).toBe('weights');
    expect(await readdir(join(folder, name.slice(0, 2)))).toEqual([name, left]);
  });

  it('names what is damaged and where, and heals when the bytes are put again', async () => {
    await appendFile(path, '!');
    const got = artifacts.get(name);
    await expect(got).rejects.toThrow(ArtifactDamaged);
    await expect(got).rejects.toThrow(name);
    await expect(got).rejects.toThrow(path);
    await artifacts.put(bytes);
    expect(Buffer.from(await artifacts.get(name)).toString()).toBe('weights');
  });

  it('sweeps away what killed processes left, and nothing that is being written or is none of its files', async () => {
    const shelf = join(folder, name.slice(0, 2));
    const { pid, started } = thisProcess();
    const left = [`${name}.${BEYOND_ANY_PID}-${started}-0.tmp`, `${name}.${pid}-${Number(started) - 1}-7.tmp`];
    const others = [`${name}.tmp`, 'notes.txt', `${name}.${pid}-${started}-99.tmp`];
    for (const file of [...left, ...others]) await writeFile(join(shelf, file), 'half');
    await writeFile(join(folder, left[0] as string), 'on no shelf');
    let goOn: () => void = () => undefined;
    const pause = new Promise<void>((resolve) => (goOn = resolve));
    const slowly = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 3);
      await pause;
      yield bytes.subarray(3);
    };
    await unlink(path);
    const writing = artifacts.receive(name, slowly());
    while ((await readdir(shelf)).length < left.length + others.length + 1) await new Promise(setImmediate);
    await new FileArtifacts(folder).sweep();
    const kept = await readdir(shelf);
    expect(kept).toHaveLength(others.length + 1);
    expect(kept).toEqual(expect.arrayContaining(others));
    goOn();
    await writing;
    expect(Buffer.from(await artifacts.get(name)).toString()).toBe('weights');
    expect((await readdir(folder)).sort()).toEqual([name.slice(0, 2), left[0]].sort());
    await new FileArtifacts(join(folder, 'absent')).sweep();
  });

  it('says when the place cannot be written', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const refused = new FileArtifacts(join(file, 'inside')).put(bytes);
    await expect(refused).rejects.toThrow(ArtifactUnwritable);
    await expect(refused).rejects.toThrow(name);
  });
});
