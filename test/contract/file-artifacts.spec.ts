import { appendFile, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ArtifactDamaged, ArtifactMissing, ArtifactUnwritable } from '#ledger/artifacts.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { artifactsContract } from './artifacts.contract.js';

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
    await writeFile(`${path}.${process.pid}-0.tmp`, bytes.subarray(0, 3));
    const later = new FileArtifacts(folder);
    expect(await later.has(name)).toBe(false);
    await expect(later.get(name)).rejects.toThrow(ArtifactMissing);
    expect(await later.put(bytes)).toBe(name);
    expect(Buffer.from(await later.get(name)).toString()).toBe('weights');
    expect(await readdir(join(folder, name.slice(0, 2)))).toEqual([name]);
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

  it('says when the place cannot be written', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const refused = new FileArtifacts(join(file, 'inside')).put(bytes);
    await expect(refused).rejects.toThrow(ArtifactUnwritable);
    await expect(refused).rejects.toThrow(name);
  });
});
