import type { KeyObject } from 'node:crypto';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { wrap } from './format.js';
import { ProgressLine } from './progress-line.js';
import { renderTable, type TableRows } from './table.js';

/** What the process around the commands gives them: the only place where the outside comes in. */
export type Surroundings = Readonly<{
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean; columns?: number };
  /** NO_COLOR is unset and the terminal is no "dumb" one. */
  colour: boolean;
  /** Milliseconds of a clock that only goes forward. */
  now: () => number;
  /** How this program is started: "node bin/prometheus-ledger.mjs". */
  command: string;
  /** Who types: written into the events of their commands. */
  requester: string;
  /** DATABASE_URL: where a service is to keep its read models. */
  databaseUrl: string | undefined;
  /** EVENTSTORE_URL: the event store that a service is to keep its log in, when it is to do so. */
  eventStoreUrl: string | undefined;
  /** PROMETHEUS_LEDGER_TOKEN: who asks the service that --url names. */
  token: string | undefined;
  /** Names what was typed, this one time: a command that is sent twice is carried out once. */
  invocation: string;
  /** A new private key (Ed25519), which nobody can guess. */
  newKey: () => KeyObject;
  /** Calls back when the user wants to stop; returns how to end listening. */
  onInterrupt: (stop: () => void) => () => void;
}>;

const WIDEST = 100;
const NARROWEST = 40;
const UNKNOWN = 80;

export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'bold';
const STYLES = { good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', bold: 'bold' } as const;

/**
 * What a command shows. Without --json the story goes to standard output; with it, the story goes to standard error and
 * one document to standard output.
 */
export class Screen {
  readonly columns: number;
  readonly progress: ProgressLine;
  private readonly story: Surroundings['stdout'];
  private readonly coloured: boolean;
  private begun = false;

  constructor(
    readonly surroundings: Surroundings,
    readonly json: boolean,
  ) {
    this.story = json ? surroundings.stderr : surroundings.stdout;
    const interactive = this.story.isTTY === true;
    this.coloured = interactive && surroundings.colour;
    this.columns = Math.max(NARROWEST, Math.min(WIDEST, this.story.columns ?? UNKNOWN));
    this.progress = new ProgressLine(this.story, interactive, this.columns, surroundings.now, (line) => this.say(line));
  }

  /** Lines as they are; empty ones set apart from what was said before, if anything was. */
  say(...lines: readonly string[]): void {
    this.progress.clear();
    for (const line of lines.length > 0 ? lines : ['']) {
      this.begun ||= line !== '';
      if (this.begun) this.story.write(`${line}\n`);
    }
  }

  /** Running text, broken at the width of the terminal; a tone colours the words of the lead. */
  paragraph(text: string, lead = '', tone?: Tone): void {
    const [first = '', ...more] = wrap(text, this.columns, lead);
    const words = lead.trim();
    this.say(tone && words !== '' ? first.replace(words, this.tint(tone, words)) : first, ...more);
  }

  title(text: string): void {
    this.say('', this.tint('bold', text));
  }

  table(rows: TableRows): void {
    this.say(...renderTable(rows, this.columns));
  }

  tint(tone: Tone, text: string): string {
    return this.coloured ? styleText(STYLES[tone], text, { validateStream: false }) : text;
  }

  /** The one document of --json; without --json nothing, since the story has said it. */
  document(value: unknown): void {
    this.progress.clear();
    if (this.json) this.surroundings.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }
}
