import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultsAfter } from './aftermath.js';
import { unflushed } from './flush-order.js';
import { emptyData, grownData, type SmallData } from './small-data.js';
import { traced, type Call, type Injection, type Traced } from './traced.js';

/** What came of one injection; its path is that in the data folder. */
export type Outcome = Readonly<{
  injection: Injection;
  struck: boolean;
  ended: 'went on' | 'crashed' | 'was killed' | 'hung';
  faults: readonly string[];
}>;

const READING = ['read', 'pread64'];
const faultsOf = ({ name, text }: Call): readonly Injection['fault'][] =>
  READING.includes(name) || (name === 'openat' && !text.includes('O_CREAT')) ? ['EIO'] : ['EIO', 'ENOSPC', 'KILL'];

const speaks = ({ name, text }: Call): boolean => name === 'write' && text.startsWith('write(1<');

/** A folder, the workload that runs on copies of it, and the calls that it makes there when nothing goes wrong. */
export class Faulting {
  private copies = 0;
  private run: Traced = { lines: [], calls: [], ended: 'by itself', errors: '' };

  private constructor(
    readonly before: SmallData,
    private readonly folder: string,
  ) {}

  static async prepare(make: (data: string) => Promise<SmallData>): Promise<Faulting> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'faults-')));
    const faulting = new Faulting(await make(join(folder, 'data')), folder);
    await faulting.onCopy(async (data) => {
      faulting.run = await faulting.work(data);
    });
    return faulting;
  }

  get undisturbed(): Traced {
    return this.run;
  }

  /** The undisturbed calls that concern the data folder. */
  get calls(): readonly Call[] {
    return this.run.calls.filter((call) => this.pathOf(call) !== undefined);
  }

  /** Every call, with every fault that it may meet. */
  get injections(): readonly Injection[] {
    const counts = new Map<string, number>();
    return this.calls.flatMap((call) => {
      const path = this.pathOf(call) as string;
      const nth = (counts.get(`${call.name} ${path}`) ?? 0) + 1;
      counts.set(`${call.name} ${path}`, nth);
      return faultsOf(call).map((fault) => ({ syscall: call.name, path, nth, fault }));
    });
  }

  /** What the undisturbed workload acknowledged before it was on the disk. */
  get unflushed(): readonly string[] {
    const calls = this.run.calls.filter((call) => speaks(call) || this.pathOf(call) !== undefined);
    return unflushed(calls, this.before.acknowledged.length === 0);
  }

  inject(injection: Injection): Promise<Outcome> {
    return this.onCopy(async (data) => {
      const { lines, calls, ended: end } = await this.work(data, { ...injection, path: join(data, injection.path) });
      const faults = await faultsAfter(data, this.before.acknowledged, lines);
      const killed = injection.fault === 'KILL' && end === 'by a signal';
      const struck = killed || calls.some(({ text }) => text.includes('(INJECTED)'));
      if (end === 'not at all') return { injection, struck, ended: 'hung', faults: [...faults, 'the process hung'] };
      const finished = lines.some((line) => line['did'] === 'close' || line['refused'] === 'close');
      const neverBegan = lines.some((line) => line['refused'] === 'open');
      return {
        injection,
        struck,
        ended: killed ? 'was killed' : finished || neverBegan ? 'went on' : 'crashed',
        faults,
      };
    });
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  private async onCopy<T>(use: (data: string) => Promise<T>): Promise<T> {
    const data = join(this.folder, `copy-${(this.copies += 1)}`);
    await cp(join(this.folder, 'data'), data, { recursive: true });
    try {
      return await use(data);
    } finally {
      await rm(data, { recursive: true });
    }
  }

  private async work(data: string, injection?: Injection): Promise<Traced> {
    const trace = `${data}.trace`;
    const run = await traced('workload.js', [data, String(this.before.rounds)], trace, injection);
    await rm(trace);
    return run;
  }

  /** Where in the copy of the data folder a call reaches: the first place that it names. */
  private pathOf({ text }: Call): string | undefined {
    const at = text.indexOf(`${this.folder}/copy-`);
    if (at === -1) return undefined;
    const [, path] = /copy-\d+\/([^">]*)/.exec(text.slice(at)) ?? [];
    return path ?? '.';
  }
}

/** Both folders that faults are tried on. */
export const bothFolders = async (): Promise<readonly Faulting[]> => [
  await Faulting.prepare(emptyData),
  await Faulting.prepare(grownData),
];
