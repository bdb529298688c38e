import type { Writable } from 'node:stream';
import { SingleBar } from 'cli-progress';
import { duration, speed } from './format.js';

/** Seconds between two lines where there is no terminal to draw in. */
const CALM_SECONDS = 10;

/** Columns that percentage, speed and time left take at most, with the spaces around them. */
const FIGURES = 44;

/** How far long work is. Figures of a training only; other work has a label alone. */
export type Doing = Readonly<{ label: string; done: number; total: number; tokensPerSecond: number; left: number }>;

const rest = ({ tokensPerSecond, left }: Doing): string =>
  tokensPerSecond > 0 ? `${speed(tokensPerSecond)}, ${duration(left / tokensPerSecond)} left` : '';

/**
 * The one line that changes: a bar in a terminal, and elsewhere a line every few seconds. Whatever else is said takes it
 * away first.
 */
export class ProgressLine {
  private bar: SingleBar | undefined;
  private label = '';
  private saidAt: number;

  constructor(
    private readonly stream: Writable,
    private readonly interactive: boolean,
    private readonly columns: number,
    private readonly now: () => number,
    private readonly say: (line: string) => void,
  ) {
    this.saidAt = now();
  }

  /** Training, or anything else that can be counted. */
  update(doing: Doing): void {
    if (!this.interactive) return this.tell(doing);
    const bar = this.open(doing.label, '  {label} {bar} {percentage}%  {rest}', doing.total);
    bar.update(doing.done, { rest: rest(doing) });
  }

  /** Work that only has a name. */
  working(label: string): void {
    if (this.interactive) this.open(label, '  {label} …', 1);
  }

  clear(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private open(label: string, format: string, total: number): SingleBar {
    if (this.bar && this.label === label) return this.bar;
    this.clear();
    this.label = label;
    this.bar = new SingleBar({
      format,
      stream: this.stream as NodeJS.WritableStream,
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false,
      barsize: Math.max(8, Math.min(30, this.columns - label.length - FIGURES)),
      barCompleteChar: '█',
      barIncompleteChar: '░',
      fps: 8,
    });
    this.bar.start(total, 0, { label, rest: '' });
    return this.bar;
  }

  private tell(doing: Doing): void {
    if (this.label !== doing.label) {
      this.label = doing.label;
      this.saidAt = this.now();
    }
    if (this.now() - this.saidAt < CALM_SECONDS * 1000) return;
    this.saidAt = this.now();
    const percent = Math.floor((doing.done / Math.max(1, doing.total)) * 100);
    this.say(`  ${doing.label}: ${percent}%, ${rest(doing)}`.replace(/, $/, ''));
  }
}
