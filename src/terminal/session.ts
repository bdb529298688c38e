import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { AppOptions, Place } from '#app.module.js';
import type { Application } from './application.js';
import { CHECK_FAILED, OK } from './failures.js';
import { namingService } from './service-client.js';
import { Screen, type Surroundings } from './screen.js';

/** What every command understands. */
export type Globals = Readonly<{ data?: string; json?: boolean; threads?: number; isa?: string }>;

export const DEFAULT_DATA = './data';
const ISAS = ['reference', 'avx2', 'avx512', 'neon'];

/** For commander: a whole number in a range, or one line that says so. */
export const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is needed.`);
    return value;
  };

export const instructionSet = (text: string): string => {
  if (!ISAS.includes(text)) throw new InvalidArgumentError(`One of ${ISAS.join(', ')} is needed.`);
  return text;
};

const MOST_THREADS = 256;
export const threadCount = whole(1, MOST_THREADS);

/** One command from what was typed to the exit code. */
export class Session {
  code = OK;
  screen: Screen;
  private globals: Globals = {};

  constructor(
    readonly surroundings: Surroundings,
    json: boolean,
  ) {
    this.screen = new Screen(surroundings, json);
  }

  begin(command: Command): void {
    this.globals = command.optsWithGlobals<Globals>();
    this.screen = new Screen(this.surroundings, this.globals.json === true);
  }

  get data(): string {
    return this.globals.data ?? DEFAULT_DATA;
  }

  /** The data folder the user named, if any. */
  get dataGiven(): string | undefined {
    return this.globals.data;
  }

  /** The check that the command makes came out badly. */
  failCheck(): void {
    this.code = CHECK_FAILED;
  }

  /** How to type a further command about the same data. */
  commandLine(words: string, data = this.data): string {
    const where = data === DEFAULT_DATA ? '' : ` --data ${/\s/.test(data) ? JSON.stringify(data) : data}`;
    return `${this.surroundings.command} ${words}${where}`;
  }

  /** A command worth typing next, under what it is good for. */
  suggest(purpose: string, words: string, data = this.data): void {
    this.screen.say(`  ${this.screen.tint('dim', `# ${purpose}`)}`, `  ${this.commandLine(words, data)}`);
  }

  /** Opens the data folder to read only: no lock, no right to write needed. */
  read<T>(use: (application: Application) => Promise<T>, data = this.data): Promise<T> {
    return this.open({ data, readOnly: true }, use);
  }

  write<T>(use: (application: Application) => Promise<T>, data = this.data): Promise<T> {
    return this.open({ data, readOnly: false }, use);
  }

  /** The data folder, and what is computed with. */
  get place(): Place {
    const { threads = 0, isa } = this.globals;
    return { data: this.data, threads, ...(isa !== undefined && { isa }) };
  }

  private async open<T>(
    where: Pick<AppOptions, 'data' | 'readOnly'>,
    use: (app: Application) => Promise<T>,
  ): Promise<T> {
    // Only now, since help and refusals need none of what the application is made of.
    const { openApplication } = await import('./application.js');
    const application = await openApplication({ ...this.place, ...where }, this.screen).catch(async (error: Error) => {
      throw await namingService(error, where.data);
    });
    try {
      return await use(application);
    } finally {
      this.screen.progress.clear();
      await application.close();
    }
  }
}
