import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCorpusArgument, readCorpus, readTextFiles } from './read-corpus.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corpus-'));
});
afterEach(() => rm(folder, { recursive: true }));
const put = async (path: string, content: string | Uint8Array): Promise<void> => {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), content);
};
const names = async (): Promise<readonly string[]> => (await readTextFiles(folder)).files.map(({ name }) => name);

describe('parseCorpusArgument', () => {
  it('splits at the first "="', () => {
    expect(parseCorpusArgument('mine=/a=b.txt')).toEqual({ name: 'mine', path: '/a=b.txt' });
  });

  it.each(['mine', '=path', 'Mine=path', 'mine=', 'a b=path'])('refuses %j', (argument) => {
    expect(() => parseCorpusArgument(argument)).toThrow(`corpus "${argument}": write name=path`);
  });
});

describe('readTextFiles', () => {
  it('reads folders below folders in code unit order', async () => {
    for (const path of ['b.txt', 'a/z.txt', 'a.txt', 'B.txt', 'é.txt']) await put(path, path);
    expect(await names()).toEqual(['B.txt', 'a.txt', 'a/z.txt', 'b.txt', 'é.txt']);
  });

  it('skips binary files of a folder by name, and what is hidden or installed', async () => {
    await put('a.txt', 'text');
    await put('b.png', Uint8Array.of(137, 80, 0, 1));
    await put('.git/config', 'hidden');
    await put('node_modules/x/a.txt', 'foreign');
    const { files, skipped } = await readTextFiles(folder);
    expect(files.map(({ name }) => name)).toEqual(['a.txt']);
    expect(skipped).toEqual([{ path: 'b.png', reason: expect.stringContaining('b.png: byte 2 is NUL') }]);
  });

  it('follows links to files and never links to folders', async () => {
    await put('deep/a.txt', 'text');
    await symlink(folder, join(folder, 'deep/loop'));
    await symlink(join(folder, 'deep/a.txt'), join(folder, 'link.txt'));
    await symlink(join(folder, 'gone'), join(folder, 'broken.txt'));
    expect(await names()).toEqual(['deep/a.txt', 'link.txt']);
  });

  it('refuses what it cannot read, and says which path', async () => {
    const missing = join(folder, 'missing');
    await expect(readTextFiles(missing)).rejects.toThrow(`${missing}: does not exist`);
    await expect(readTextFiles(folder)).rejects.toThrow(`${folder}: no text file in it`);
    await put('b.png', Uint8Array.of(137, 80, 0, 1));
    await expect(readTextFiles(join(folder, 'b.png'))).rejects.toThrow('byte 2 is NUL');
    await expect(readTextFiles(folder)).rejects.toThrow('no text file in it (b.png: byte 2 is NUL');
    if (process.platform !== 'win32') await expect(readTextFiles('/dev/null')).rejects.toThrow('neither a file nor');
  });
});

describe('readCorpus', () => {
  it('cuts one file into documents and says where it is from, without the machine', async () => {
    await put('book.txt', Array.from({ length: 3000 }, (_, at) => `Line ${at * 7919} of it.\r\n`).join(''));
    const { cut, provenance } = await readCorpus('mine', join(folder, 'book.txt'), { licence: 'MIT' });
    expect(provenance).toEqual({ origin: { kind: 'human' }, licence: 'MIT', source: 'book.txt', filesSkipped: 0 });
    expect(cut.corpus.documents.length).toBeGreaterThan(20);
    expect(cut.corpus.text.includes(13)).toBe(false);
  });

  it('refuses text too short for a single document', async () => {
    await put('a.txt', 'short');
    await expect(readCorpus('mine', join(folder, 'a.txt'))).rejects.toThrow('no document of 129 bytes or more');
  });
});
