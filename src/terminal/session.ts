import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Place } from '#app.module.js';
import { asJson, HttpService } from '#store/http-service.js';
import type { Application } from './application.js';
import { BadInput, CHECK_FAILED, OK } from './failures.js';
import { typed } from './format.js';
import { namedAddress, namingService, serviceOn, tokenOf, type Reach } from './service-client.js';
import { Screen, type Surroundings } from './screen.js';

/** What every command understands. */
export type Globals = Reach &
  Readonly<{
    data?: string;
    json?: boolean;
    threads?: number;
    isa?: string;
    backend?: string;
    evaluationLimit?: number;
    logKey?: string;
  }>;

export const DEFAULT_DATA = './data';
const ISAS = ['reference', 'avx2', 'avx512', 'neon'];
const BACKENDS = ['cpu', 'cuda'];

/** For commander: a whole number in a range, or one line that says so. */
export const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is needed.`);
    return value;
  };

const oneOf =
  (allowed: readonly string[]) =>
  (text: string): string => {
    if (!allowed.includes(text)) throw new InvalidArgumentError(`One of ${allowed.join(', ')} is needed.`);
    return text;
  };
export const instructionSet = oneOf(ISAS);
export const backendName = oneOf(BACKENDS);

/** Sealing suites and probing a checkpoint anew take their time. */
const COMMAND_SILENCE_MS = 600_000;

const MOST_THREADS = 256;
export const threadCount = whole(1, MOST_THREADS);
const SECONDS_IN_A_DAY = 86_400;
export const limitSeconds = whole(1, SECONDS_IN_A_DAY);

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
    const { data, url } = this.globals;
    if (data !== undefined && url !== undefined)
      throw new BadInput(
        `--data ${data}, --url ${url}: a command is about a folder or a service; leave out one of them`,
      );
  }

  get data(): string {
    return this.globals.data ?? DEFAULT_DATA;
  }

  /** The data folder the user named, if any. */
  get dataGiven(): string | undefined {
    return this.globals.data;
  }

  /** Which service was named, and who asks. */
  get reach(): Reach {
    const { url, token, tokenFile } = this.globals;
    return {
      ...(url !== undefined && { url }),
      ...(token !== undefined && { token }),
      ...(tokenFile && { tokenFile }),
    };
  }

  /** What the command is about, as the user named it: a data folder or the address of a service. */
  get where(): string {
    return this.globals.url ?? this.data;
  }

  /** Before work whose result only the writer of the folder could keep. @throws BadInput */
  async requireWriting(option: string): Promise<void> {
    const service = await this.anyService();
    if (service)
      throw new BadInput(
        `${option}: only the service at ${service.url} writes to its log; stop it and name its folder, or leave ${option} out`,
      );
  }

  /** For commands that work on a folder whatever else there is. @throws BadInput */
  requireFolder(): void {
    const { url } = this.globals;
    if (url !== undefined) throw new BadInput(`--url ${url}: this works on a data folder; name one with --data`);
  }

  /** The check that the command makes came out badly. */
  failCheck(): void {
    this.code = CHECK_FAILED;
  }

  /** How to type a further command about the same data. */
  commandLine(words: string, data?: string): string {
    const { url } = this.globals;
    const [option, value] = url !== undefined && data === undefined ? ['--url', url] : ['--data', data ?? this.data];
    const where = value === DEFAULT_DATA ? '' : ` ${option} ${typed(value)}`;
    return `${this.surroundings.command} ${words}${where}`;
  }

  /** A command worth typing next, under what it is good for. */
  suggest(purpose: string, words: string, data?: string): void {
    this.screen.say(`  ${this.screen.tint('dim', `# ${purpose}`)}`, `  ${this.commandLine(words, data)}`);
  }

  /** Reads the service that was named, else the data folder: no lock, no right to write needed. */
  async read<T>(use: (application: Application) => Promise<T>, data?: string): Promise<T> {
    const named = data === undefined ? await this.named() : undefined;
    return named ? this.readAt(named, use) : this.openFolder(data ?? this.data, true, use);
  }

  /** The data folder, whose only writer this process then is. */
  write<T>(use: (application: Application) => Promise<T>, data = this.data): Promise<T> {
    return this.openFolder(data, false, use);
  }

  /**
   * The service that was named, else the one that runs on the data folder; undefined: this process does it itself.
   * @throws BadInput where this process was to train
   */
  async service(): Promise<HttpService | undefined> {
    const service = await this.anyService();
    const { backend } = this.globals;
    if (service && backend !== undefined)
      throw new BadInput(
        `--backend ${backend}: the service at ${service.url} trains as it was started; leave it out, or stop the service`,
      );
    return service;
  }

  /**
   * Sends a command, which is carried out once however often it has to be sent.
   * @param part tells it from the other commands of the same invocation, where there are several
   */
  command<T>(service: HttpService, path: string, body: object, part?: string): Promise<T> {
    const { invocation } = this.surroundings;
    const key = part === undefined ? invocation : `${invocation}/${part}`;
    return service.json<T>({ method: 'POST', path, body: asJson(body), key, silenceMs: COMMAND_SILENCE_MS });
  }

  /** The application over what a service answers. */
  async readAt<T>(service: HttpService, use: (application: Application) => Promise<T>): Promise<T> {
    const { openAtService } = await import('./application.js');
    return this.using(await openAtService(service, this.place, this.screen), use);
  }

  /** The data folder, and what is computed with. */
  get place(): Place {
    const { threads = 0, isa, backend, evaluationLimit: limit, logKey } = this.globals;
    const limited = limit === undefined ? {} : { evaluationLimitMs: 1_000 * limit };
    const chosen = { ...(isa !== undefined && { isa }), ...(backend !== undefined && { backend }) };
    return { data: this.data, threads, ...chosen, ...(logKey && { logKey }), ...limited };
  }

  /** The service that --url names. */
  async named(): Promise<HttpService | undefined> {
    const address = await namedAddress(this.reach, this.surroundings.token);
    return address && new HttpService(address.url, address.token);
  }

  /** Who asks, where a command names an address of its own. */
  async token(): Promise<string | undefined> {
    return (await tokenOf(this.reach)) ?? this.surroundings.token;
  }

  private async anyService(): Promise<HttpService | undefined> {
    return (await this.named()) ?? serviceOn(this.data, this.reach);
  }

  private async openFolder<T>(data: string, readOnly: boolean, use: (app: Application) => Promise<T>): Promise<T> {
    // Only now, since help and refusals need none of what the application is made of.
    const { openApplication } = await import('./application.js');
    const opened = openApplication({ ...this.place, data, readOnly }, this.screen).catch(async (error: Error) => {
      throw await namingService(error, data);
    });
    return this.using(await opened, use);
  }

  private async using<T>(application: Application, use: (app: Application) => Promise<T>): Promise<T> {
    try {
      return await use(application);
    } finally {
      this.screen.progress.clear();
      await application.close();
    }
  }
}
