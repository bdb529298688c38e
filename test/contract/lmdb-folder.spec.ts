import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { open } from 'lmdb';
import { LogAbsent, LogDamaged, LogInUse, LogUnwritable } from '#ledger/log.js';
import { parseRecord } from '#ledger/record.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { all, positions, range } from './collecting.js';
import { Holder } from './holder.js';
import { fresh, several } from './proposing.js';

let folder = '';
const holders: Holder[] = [];
const hold = (): Holder => {
  const holder = new Holder(folder);
  holders.push(holder);
  return holder;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder.v1-'));
});
afterEach(async () => {
  await Promise.all(holders.splice(0).map((holder) => holder.kill()));
  await rm(folder, { recursive: true });
});

/** Opens, works, closes. */
const within = async <T>(work: (log: LmdbLog) => Promise<T>, readOnly = false): Promise<T> => {
  const log = await LmdbLog.open(folder, { readOnly });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
};

describe('the folder of an embedded log', () => {
  it('is the same log when it is opened again', async () => {
    const events = several(2);
    const receipt = await within((log) => log.append('a', 'no-stream', events));
    await within(async (log) => {
      expect(await log.append('a', 'no-stream', events)).toEqual(receipt);
      expect(await log.append('a', 1, several(1))).toEqual({ stream: 'a', revision: 2, position: 3 });
    });
    expect(await within((log) => positions(log.readStream('a')))).toEqual([1, 2, 3]);
  });

  it('belongs to one process: a second one is told which, and gets it when the first is killed or closes', async () => {
    const holder = hold();
    expect(await holder.opened()).toBe('opened');
    const second = LmdbLog.open(folder);
    await expect(second).rejects.toThrow(LogInUse);
    await expect(second).rejects.toThrow(`the log in ${folder} is open in process ${holder.pid} `);
    await holder.kill();
    await within(async (log) => {
      await expect(LmdbLog.open(folder)).rejects.toThrow(`process ${process.pid} `);
      expect(await hold().opened()).toBe(LogInUse.name);
      await log.append('a', 'any', several(1));
    });
    expect(await hold().opened()).toBe('opened');
  }, 30_000);

  it('goes to exactly one of many that reach for it at once after its owner died', async () => {
    const dead = hold();
    await dead.opened();
    await dead.kill();
    const outcomes = await Promise.all(range(1, 6).map(() => hold().opened()));
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 5 }, () => LogInUse.name), 'opened']);
  }, 30_000);
});

describe('a log opened to read only', () => {
  it('reads beside the process that writes and sees what that adds', async () => {
    const holder = hold();
    await holder.opened();
    await holder.append();
    await within(async (log) => {
      expect(await positions(log.readAll())).toEqual([1]);
      const stop = new AbortController();
      const seen: number[] = [];
      const following = (async () => {
        for await (const { position } of log.subscribe({ signal: stop.signal })) if (seen.push(position) === 2) break;
      })();
      await holder.append();
      await following;
      expect(seen).toEqual([1, 2]);
      await expect(log.append('a', 'any', several(1))).rejects.toThrow(LogUnwritable);
      expect(await positions(log.readAll())).toEqual([1, 2]);
    }, true);
  }, 30_000);

  it('knows whether anybody writes to it', async () => {
    await within(async (log) => {
      expect(log.hasWriter()).toBe(true);
      await log.append('a', 'any', several(1));
    });
    const holder = hold();
    await within(async (log) => {
      expect(log.hasWriter()).toBe(false);
      await holder.opened();
      expect(log.hasWriter()).toBe(true);
      await holder.kill();
      expect(log.hasWriter()).toBe(false);
    }, true);
  }, 30_000);

  it('is absent while its writer has not yet made its tables', async () => {
    await open({ path: folder, noSubdir: false, overlappingSync: false, maxDbs: 8 }).close();
    await expect(LmdbLog.open(folder, { readOnly: true })).rejects.toThrow(LogAbsent);
  });

  it('is not made when there is none', async () => {
    const absent = join(folder, 'absent');
    await expect(LmdbLog.open(absent, { readOnly: true })).rejects.toThrow(LogAbsent);
    await expect(stat(absent)).rejects.toThrow('ENOENT');
  });

  const mountable = process.platform === 'linux' && process.getuid?.() === 0;
  const note = mountable ? '' : ' [skipped: only root on Linux can mount a disk read-only]';
  (mountable ? it : it.skip)(`needs no right to write, and a writer there still reads${note}`, async () => {
    await within((log) => log.append('a', 'any', several(3)));
    execFileSync('mount', ['--bind', folder, folder]);
    try {
      execFileSync('mount', ['-o', 'remount,bind,ro', folder]);
      expect(await within((log) => positions(log.readAll()), true)).toEqual([1, 2, 3]);
      await within(async (log) => {
        await expect(log.append('a', 'any', several(1))).rejects.toThrow(/cannot be written: .*[Rr]ead-only/);
        expect(await positions(log.readStream('a'))).toEqual([1, 2, 3]);
      });
    } finally {
      // Lazily: where there is no lock file LMDB keeps its file open till the process ends.
      execFileSync('umount', ['--lazy', folder]);
    }
  });
});

describe('a damaged log', () => {
  const data = (): string => join(folder, 'data.mdb');

  /** Changes one letter of the only record that contains the word. */
  const spoil = async (word: string): Promise<void> => {
    const bytes = await readFile(data());
    const at = bytes.lastIndexOf(word);
    expect(at).toBeGreaterThan(0);
    bytes[at] = 'X'.charCodeAt(0);
    await writeFile(data(), bytes);
  };

  it('names the position whose bytes are not those written, and reads the others', async () => {
    await within(async (log) => {
      for (const word of ['first', 'second', 'third']) await log.append('a', 'any', [fresh({ word })]);
    });
    await spoil('second');
    await within(async (log) => {
      const whole = all(log.readAll());
      await expect(whole).rejects.toThrow(LogDamaged);
      await expect(whole).rejects.toThrow('at position 2');
      await expect(all(log.readStream('a'))).rejects.toThrow('at position 2');
      const [last] = await all(log.readAll({ from: 3 }));
      expect(parseRecord(last?.bytes ?? new Uint8Array()).data).toEqual({ word: 'third' });
    });
  });

  it('is refused, not mapped, when its file is cut short or is something else', async () => {
    await within((log) => log.append('a', 'any', several(500)));
    const { size } = await stat(data());
    await truncate(data(), Math.floor(size / 2));
    const short = LmdbLog.open(folder);
    await expect(short).rejects.toThrow(LogDamaged);
    await expect(short).rejects.toThrow('cut short');
    await writeFile(data(), 'x'.repeat(20_000));
    await expect(LmdbLog.open(folder, { readOnly: true })).rejects.toThrow(LogDamaged);
    await writeFile(data(), 'x');
    await expect(LmdbLog.open(folder)).rejects.toThrow(LogDamaged);
  });

  it('is not seen in a file that is longer than need be', async () => {
    await within((log) => log.append('a', 'any', several(5)));
    await appendFile(data(), Buffer.alloc(8192));
    expect(await within((log) => positions(log.readAll()))).toEqual(range(1, 5));
  });
});

it('a holder says what went wrong rather than nothing', async () => {
  await writeFile(join(folder, 'data.mdb'), 'x');
  const holder = hold();
  expect(await holder.opened()).toBe(LogDamaged.name);
  await once(holder.process, 'exit');
});
