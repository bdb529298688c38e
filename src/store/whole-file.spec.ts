import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeWhole } from './whole-file.js';

describe('a file that is written whole', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whole-'));
    path = join(folder, 'above', 'below', 'file');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const lies = async (): Promise<unknown> => [await readFile(path, 'utf8'), await readdir(join(folder, 'above/below'))];
  const breaking = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('ha');
    throw new Error('the sender went away');
  };

  it('comes with the folders above it, piece by piece, and takes the place of what was there', async () => {
    await writeWhole(path, ['one', Buffer.from(' two')]);
    expect(await lies()).toEqual(['one two', ['file']]);
    await writeWhole(path, ['three']);
    expect(await lies()).toEqual(['three', ['file']]);
  });

  it('leaves what was there when it cannot be finished, and nothing beside it', async () => {
    await expect(writeWhole(path, breaking())).rejects.toThrow('the sender went away');
    expect(await readdir(join(folder, 'above/below'))).toEqual([]);
    await writeWhole(path, ['before']);
    await expect(writeWhole(path, breaking())).rejects.toThrow('the sender went away');
    expect(await lies()).toEqual(['before', ['file']]);
  });

  it('is for whom it is meant, whatever one that was killed left beside it', async () => {
    await writeWhole(path, ['before']);
    await writeFile(`${path}.tmp`, 'half of a longer text');
    await chmod(`${path}.tmp`, 0o644);
    await writeWhole(path, ['secret'], { mode: 0o600 });
    expect(await lies()).toEqual(['secret', ['file']]);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
