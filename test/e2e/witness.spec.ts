import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCheckpoint } from '#ledger/checkpoint.js';
import { parseNote, parseVerifier, signedBy, type Verifier } from '#ledger/note.js';
import { dataFolder } from '#store/data-folder.js';
import { temporaryFolder, type } from './command-line.js';
import { say, words } from './kept-log.js';
import { ServiceProcess } from './service-process.js';

const BIN = fileURLToPath(new URL('../../../bin/prometheus-ledger.mjs', import.meta.url));

let service: ServiceProcess | undefined;
let listening: ChildProcess | undefined;
// Before the folder goes, whose hook comes later.
afterAll(async () => {
  await service?.stop();
  listening?.kill('SIGINT');
});
const folder = temporaryFolder();
const tlog = (data: string): string => dataFolder(folder.path(data)).tlog;
const key = (): string => folder.path('log-key');

describe('a witness that looks at a published log', () => {
  const witness = async (place: string, ...more: readonly string[]) => {
    const where = ['--state', folder.path('seen'), '--key', folder.path('witness-key')];
    const { code, stdout, stderr } = await type(['witness', place, ...where, '--name', 'witness.test/w', ...more]);
    return { code, said: `${stdout}${stderr}`.replaceAll(/\s+/g, ' '), stdout };
  };

  test('co-signs it as it grows, in files of its owner alone', async () => {
    for (const size of [3, 300]) {
      await say(folder.path('honest'), words(size), key());
      const { code, stdout } = await witness(tlog('honest'));
      expect({ code, lines: stdout.split('\n') }).toMatchObject({ code: 0 });
      expect(stdout).toMatch(new RegExp(`^\\S+\\n${size}\\n`));
      expect(parseNote(stdout).signatures.map(({ name }) => name)).toContain('witness.test/w');
    }
    for (const file of ['seen', 'witness-key']) expect((await stat(folder.path(file))).mode & 0o777).toBe(0o600);
  }, 60_000);

  test('refuses a fork, a log that is shorter, one of another name or key, with the reason', async () => {
    const seen = await readFile(folder.path('seen'), 'utf8');
    await say(folder.path('fork'), words(400).with(9, 'nothing of the kind'), key());
    expect(await witness(tlog('fork'))).toMatchObject({
      code: 1,
      said: expect.stringMatching(/NOT co-signed: a fork/),
    });
    await say(folder.path('short'), words(200), key());
    expect(await witness(tlog('short'))).toMatchObject({
      code: 1,
      said: expect.stringContaining('a rollback: the log has 200 records, 300 were co-signed before'),
    });
    await say(folder.path('other'), words(300), folder.path('other-key'));
    expect(await witness(tlog('other'))).toMatchObject({ code: 1, said: expect.stringMatching(/no log of the name/) });
    // Another key in the name of this log, and key.pub beside it forged along.
    const name = parseVerifier(await readFile(join(tlog('honest'), 'key.pub'), 'utf8')).name;
    const { NotaryKey } = await import('#audit/notary-key.js');
    const { RandomSecrets } = await import('#store/random-ids.js');
    await new NotaryKey(folder.path('forged-key'), new RandomSecrets(), name).signer();
    await say(folder.path('forged'), words(310), folder.path('forged-key'));
    expect(await witness(tlog('forged'))).toMatchObject({
      code: 1,
      said: expect.stringContaining('is signed by no key that is known here'),
    });
    expect(await readFile(folder.path('seen'), 'utf8')).toBe(seen);
    expect(await witness(tlog('honest'))).toMatchObject({ code: 0 });
  }, 60_000);

  test('follows the log to its next keys', async () => {
    const where = ['--data', folder.path('honest'), '--log-key', key()];
    for (const reason of ['a year is over', 'another year is over'])
      expect((await type(['log', 'rotate-key', '--reason', reason, ...where])).code).toBe(0);
    expect(await witness(tlog('honest'))).toMatchObject({ code: 0 });
  }, 60_000);

  test('needs what it is told to remember by', async () => {
    expect((await type(['witness', tlog('honest'), '--key', key()])).code).toBe(2);
    const [state, own] = [folder.path('broken'), folder.path('witness-key')];
    await writeFile(state, '{}', { mode: 0o600 });
    const broken = await type(['witness', tlog('honest'), '--state', state, '--key', own]);
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('restore it from a backup') });
    const none = await type(['witness', '--state', folder.path('new'), '--key', own]);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('--listen') });
    const swapped = await type(['witness', tlog('honest'), '--state', folder.path('new'), '--key', key()]);
    expect(swapped).toMatchObject({ code: 2, stderr: expect.stringContaining('no key of a witness') });
  }, 60_000);
});

describe('a service that needs a witness', () => {
  const data = (): string => folder.path('served');
  const place: { port?: string; key?: Verifier } = {};

  const listen = async (): Promise<string> => {
    const pub = join(dataFolder(data()).tlog, 'key.pub');
    const where = ['--state', folder.path('listening-seen'), '--key', folder.path('listening-key'), '--trust', pub];
    const address = ['--listen', `127.0.0.1:${place.port ?? 0}`];
    const child = spawn(process.execPath, [BIN, 'witness', ...where, ...address], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    listening = child;
    return new Promise((resolve, reject) => {
      let said = '';
      child.stderr.on('data', (chunk) => (said += chunk));
      child.stdout.on('data', (chunk) => {
        said += chunk;
        const [, url = '', pubKey] = /Witnessing at (\S+)\s+(\S+\+\S+)/.exec(said) ?? [];
        if (!pubKey) return;
        place.port = new URL(url).port;
        place.key = parseVerifier(pubKey);
        resolve(pubKey);
      });
      child.once('close', () => reject(new Error(said)));
    });
  };
  const leave = async (): Promise<void> => {
    const closed = once(listening as ChildProcess, 'close');
    listening?.kill('SIGINT');
    await closed;
  };
  const record = async (name: string): Promise<void> => {
    const token = await (service as ServiceProcess).secret();
    const asked = { name, roles: ['viewer'] };
    expect(await service?.post('/v1/tokens', asked, { token })).toMatchObject({ status: 201 });
  };
  const sizeOf = (text: string): number => Number(text.split('\n')[1]);
  const signedAt = (size: number) =>
    (service as ServiceProcess).until('/log/checkpoint', ({ status, text }) => status === 200 && sizeOf(text) >= size);

  test('publishes nothing while it is away, says so, loses nothing, and goes on when it is back', async () => {
    await say(data(), words(5), folder.path('served-key'));
    const pubKey = await listen();
    const url = `http://127.0.0.1:${place.port}`;
    const words4 = ['--witness', url, '--witness-key', pubKey, '--log-key', folder.path('served-key')];
    service = await ServiceProcess.start(data(), '--log-level', 'silent', ...words4);
    await record('vera');
    const { text } = await signedAt(6);
    const logKey = parseVerifier((await service.get('/log/key.pub')).text);
    const { note } = openCheckpoint(text, [logKey]);
    expect(signedBy(note, place.key as Verifier)).toBeGreaterThan(1_700_000_000);
    await leave();
    await record('walt');
    const away = await service.until('/readyz', ({ status }) => status === 503);
    expect(away.text).toContain('does not answer');
    const { text: still } = await service.get('/log/checkpoint');
    expect(sizeOf(still)).toBe(6);
    // Stopped without a witness and started again: what was recorded is there, and published when the witness is.
    expect(await service.stop()).toBe(0);
    service = await ServiceProcess.start(data(), '--log-level', 'silent', ...words4);
    await service.until('/readyz', ({ status }) => status === 503);
    expect((await service.get<{ size: number }>('/v1/log/head')).body.size).toBeGreaterThanOrEqual(7);
    expect(sizeOf((await service.get('/log/checkpoint')).text)).toBe(6);
    await listen();
    const { text: later } = await signedAt(7);
    expect(signedBy(openCheckpoint(later, [logKey]).note, place.key as Verifier)).toBeDefined();
    await service.until('/readyz', ({ status }) => status === 200);
  }, 120_000);

  test('asks for both where the witness is and what it signs with', async () => {
    const serve = (...more: readonly string[]) =>
      type(['serve', '--port', '0', '--data', folder.path('none'), ...more]);
    expect(await serve('--witness', 'http://127.0.0.1:1')).toMatchObject({ code: 2 });
    const log = join(tlog('honest'), 'key.pub');
    const wrong = await serve('--witness', 'http://127.0.0.1:1', '--witness-key', log);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('is the key of a log') });
    const nowhere = await serve('--witness', 'nowhere', '--witness-key', log);
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('--witness nowhere') });
  });
});
