import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INTERRUPTED } from './failures.js';
import { inNewFolder } from './new-folder.js';
import type { Session } from './session.js';

describe('a folder that appears when it is whole', () => {
  let place = '';
  let stop: (() => void) | undefined;
  const heard: string[] = [];
  const session = {
    code: 0,
    screen: { progress: { working: () => undefined, clear: () => undefined }, say: (line: string) => heard.push(line) },
    surroundings: {
      onInterrupt: (ask: () => void) => {
        stop = ask;
        return () => (stop = undefined);
      },
    },
  } as unknown as Session;

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'new folder '));
    session.code = 0;
  });
  afterEach(() => rm(place, { recursive: true }));

  const make = (to: string, fill: (folder: string, onProgress: (what: string) => void) => Promise<string>) =>
    inNewFolder(session, { to: join(place, to), option: '--to' }, fill);

  const filling = async (folder: string): Promise<string> => {
    await writeFile(join(folder, 'file'), 'whole');
    return 'filled';
  };

  it('takes its name at last, also where there is an empty folder, and folders above it are missing', async () => {
    await mkdir(join(place, 'empty'));
    for (const to of ['new', 'empty', join('a', 'b', 'c')]) {
      const seen = make(to, async (folder) => {
        expect(await readdir(join(place, to)).catch(() => [])).toEqual([]);
        return filling(folder);
      });
      expect(await seen).toBe('filled');
      expect(await readFile(join(place, to, 'file'), 'utf8')).toBe('whole');
    }
    expect((await readdir(place)).toSorted()).toEqual(['a', 'empty', 'new']);
    expect(stop).toBeUndefined();
  });

  it('leaves nothing of what failed or was interrupted', async () => {
    await expect(make('new', () => Promise.reject(new RangeError('failed')))).rejects.toThrow('failed');
    const interrupted = make('new', async (folder, onProgress) => {
      await filling(folder);
      stop?.();
      onProgress('half of it');
      return 'filled';
    });
    expect(await interrupted).toBeUndefined();
    expect(session.code).toBe(INTERRUPTED);
    expect(heard.at(-1)).toMatch(/Interrupted; nothing was written to .*new/);
    expect(await readdir(place)).toEqual([]);
  });

  it('is no folder in which there is something', async () => {
    await make('new', filling);
    await expect(make('new', filling)).rejects.toThrow('is not empty (file); name a folder that is new or empty');
    await expect(make(join('new', 'file'), filling)).rejects.toThrow('is a file');
  });
});
