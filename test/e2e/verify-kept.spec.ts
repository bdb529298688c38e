import { cp, mkdir, readFile, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { dataFolder } from '#store/data-folder.js';
import { temporaryFolder, type } from './command-line.js';
import { keep, say, words } from './kept-log.js';

let server: Server | undefined;
afterAll(() => void server?.close());
const folder = temporaryFolder();
const honest = (): string => folder.path('honest');
const forged = (): string => folder.path('forged');
const key = (): string => folder.path('log-key');

type Verified = Readonly<{
  ok: boolean;
  events: number;
  findings: readonly Readonly<{ kind: string; position: number | null; message: string }>[];
  verifiedBefore?: number;
  verifiedSoFar?: number;
}>;
const verify = async (...given: readonly string[]): Promise<Verified & { code: number | null }> => {
  const { code, stdout, stderr } = await type(['verify', '--json', ...given]);
  if (stdout === '') throw new Error(stderr);
  return { code, ...(JSON.parse(stdout) as Verified) };
};
const refused = async (...given: readonly string[]): Promise<string> => {
  const { code, stderr } = await type(['verify', ...given]);
  expect({ code, stderr }).toMatchObject({ code: 2 });
  return stderr;
};

/** Six hundred records, kept at 100, 290 and 500; the forger has the log's key and changes the 300th. */
beforeAll(async () => {
  for (const size of [100, 290, 500]) {
    await say(honest(), words(size), key());
    await keep(honest(), folder.path(`kept-${size}`));
    if (size === 500) await cp(dataFolder(honest()).tlog, folder.path('copy'), { recursive: true });
  }
  await say(honest(), words(600), key());
  await say(forged(), words(600).with(299, 'nothing of the kind'), key());
}, 60_000);

describe('an earlier checkpoint', () => {
  const kept = (size: number): readonly string[] => ['--checkpoint', folder.path(`kept-${size}`)];

  test('is what an honest log begins as', async () => {
    const found = await verify('--data', honest(), ...kept(100), ...kept(500));
    expect(found).toMatchObject({ code: 0, ok: true, events: 600 });
  });

  test('alone tells a log that was written anew, hashed anew and signed anew by its owner', async () => {
    expect(await verify('--data', forged())).toMatchObject({ code: 0, ok: true });
    expect(await verify('--data', forged(), ...kept(100))).toMatchObject({ code: 0, ok: true });
    const found = await verify('--data', forged(), ...kept(500));
    expect(found).toMatchObject({ code: 1, findings: [{ kind: 'root mismatch', position: null }] });
    expect(found.findings[0]?.message).toMatch(
      /the checkpoint in .*kept-500 saw [0-9a-f]{64}: one of them was changed/,
    );
  });

  test('with one before it says between which sizes, with its tiles beside it which record', async () => {
    const between = await verify('--data', forged(), ...kept(290), ...kept(500));
    expect(between.findings[0]?.message).toMatch(/one of the last 210 of them was changed$/);
    const named = await verify('--data', forged(), '--checkpoint', folder.path('copy', 'checkpoint'));
    expect(named.findings).toEqual([{ kind: 'byte change', position: 300, message: expect.any(String) }]);
  });

  test('is worth nothing when it is not signed by the key of the log, and a file that is none is refused', async () => {
    await say(folder.path('other'), words(100), folder.path('other-key'));
    const other = await keep(folder.path('other'), folder.path('kept-other'));
    const found = await verify('--data', honest(), '--checkpoint', other);
    expect(found).toMatchObject({ code: 1, findings: [{ kind: 'checkpoint invalid' }] });
    expect(found.findings[0]?.message).toContain('is not signed by the key that the log has at that size');
    await writeFile(folder.path('no-checkpoint'), 'hello\n');
    expect(await refused('--data', honest(), '--checkpoint', folder.path('no-checkpoint'))).toContain('no-checkpoint');
    expect(await refused('--data', honest(), '--checkpoint', folder.path('absent'))).toContain('ENOENT');
  });
});

describe('what a log publishes', () => {
  /** As any web server does. */
  const serving = async (data: string): Promise<string> => {
    server?.close();
    server = createServer((asked, answer) => {
      readFile(join(dataFolder(data).tlog, normalize(asked.url ?? '').replace(/^\/log/, ''))).then(
        (bytes) => answer.end(bytes),
        () => answer.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`;
  };

  test('is verified by its address or in a folder, with neither a service nor a data folder', async () => {
    const kept = ['--checkpoint', folder.path('copy', 'checkpoint')];
    const pub = ['--key', join(dataFolder(honest()).tlog, 'key.pub')];
    const address = await serving(honest());
    expect(await verify('--log', address, ...kept, ...pub)).toMatchObject({ code: 0, events: 600, findings: [] });
    const found = await verify('--log', dataFolder(forged()).tlog, ...kept, ...pub);
    expect(found).toMatchObject({ code: 1, findings: [{ kind: 'byte change', position: 300 }] });
    const stranger = await verify('--log', address, '--key', join(dataFolder(folder.path('other')).tlog, 'key.pub'));
    expect(stranger.findings[0]?.message).toContain("never was the log's key");
  });

  test('does not stand where an entry was changed, a tile of hashes is another, or one is missing', async () => {
    const copy = folder.path('tampered');
    const tampered = async (path: string, change: (bytes: Buffer) => Buffer | undefined): Promise<Verified> => {
      await rm(copy, { recursive: true, force: true });
      await cp(dataFolder(honest()).tlog, copy, { recursive: true });
      const changed = change(await readFile(join(copy, path)));
      if (changed) await writeFile(join(copy, path), changed);
      else await rm(join(copy, path));
      return verify('--log', copy);
    };
    const flip = (at: number) => (bytes: Buffer) => {
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes;
    };
    const [entry] = (await tampered('tile/entries/001', flip(50))).findings;
    expect(entry).toMatchObject({ kind: 'byte change', position: 257 });
    const [hash] = (await tampered('tile/1/000.p/2', flip(3))).findings;
    expect(hash).toMatchObject({ kind: 'checkpoint invalid', message: expect.stringContaining('the tiles have root') });
    const [gone] = (await tampered('tile/entries/001', () => undefined)).findings;
    expect(gone).toMatchObject({ position: 257 });
  });

  test('needs a place that has one', async () => {
    expect(await refused('--log', folder.path('nowhere'))).toContain(
      'there is no checkpoint; a service publishes its log at its address with /log',
    );
    expect(await refused('--log', 'http://127.0.0.1:1/log')).toContain('no service answers');
    expect(await refused('--log', honest(), '--record')).toContain('--record');
  });
});

describe('a verification that goes on from the last one', () => {
  const data = (): string => folder.path('growing');
  const state = (): string => dataFolder(data()).verified;

  test('looks at what is new, says so, and remembers it in a file of its owner alone', async () => {
    await say(data(), words(300), key());
    expect(await verify('--data', data(), '--incremental')).toMatchObject({ code: 0, verifiedBefore: 0 });
    expect((await stat(state())).mode & 0o777).toBe(0o600);
    await say(data(), words(450), key());
    const { stdout } = await type(['verify', '--data', data(), '--incremental']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('the 150 records after the first 300, which were verified before');
    const nothing = await verify('--data', data(), '--incremental');
    expect(nothing).toMatchObject({ code: 0, ok: true, events: 450, verifiedBefore: 450, verifiedSoFar: 450 });
  }, 60_000);

  test('finds a log that is another than the one verified, and remembers nothing of it', async () => {
    const before = await readFile(state(), 'utf8');
    await mkdir(folder.path('states'), { recursive: true });
    const elsewhere = folder.path('states', 'verified');
    await writeFile(elsewhere, before, { mode: 0o600 });
    const fork = await verify('--data', forged(), '--incremental', elsewhere);
    expect(fork).toMatchObject({ code: 1, findings: [{ kind: 'root mismatch' }], verifiedSoFar: 450 });
    await say(folder.path('short'), words(400), key());
    const short = await verify('--data', folder.path('short'), '--incremental', elsewhere);
    expect(short).toMatchObject({ code: 1, findings: [{ kind: 'truncation', position: 401 }] });
    expect(await readFile(elsewhere, 'utf8')).toBe(before);
    expect(await verify('--data', honest(), '--incremental', elsewhere)).toMatchObject({ code: 0, verifiedSoFar: 600 });
  }, 60_000);

  test('believes no file that others may write, and none that says something else', async () => {
    await chmod(state(), 0o666);
    expect(await refused('--data', data(), '--incremental')).toContain('others than its owner may write it');
    await chmod(state(), 0o600);
    await writeFile(state(), '{}');
    expect(await refused('--data', data(), '--incremental')).toContain('remove it to begin anew');
    expect(await refused('--data', data(), '--incremental', '--record')).toContain('takes no other option');
  });
});
