import type { ProgressTold } from '#doors/progress-feed.js';
import { LoopListener } from '#loop/loop-ports.js';
import type { Progress } from '#trainer/trainer.js';
import type { Screen } from './screen.js';

/** Columns of the line that the spaces and dots around its label take. */
const MARGIN = 6;

/** Shows how far training is on the line that changes. */
export class ScreenListener extends LoopListener {
  /** Set while a replay trains again. */
  again = false;
  /** The run that a service is followed for; it tells of all of them. */
  only: string | undefined;
  /** What each of several runs at once is doing: then the line names them all, and no figures. */
  private sideBySide: Map<string, string> | undefined;

  constructor(private readonly screen: Screen) {
    super();
  }

  /** Several runs are made at once; whatever is told is one of them. */
  tellTogether(): void {
    this.sideBySide = new Map();
  }

  /** A run is at its end, and the line names it no more. */
  leave(run: string): void {
    this.sideBySide?.delete(run);
  }

  training(run: string, cycle: number, { step, steps, tokens, tokensPerSecond }: Omit<Progress, 'lossNatsMean'>): void {
    const what = cycle === 0 ? 'training the base' : `training cycle ${cycle}`;
    if (this.sideBySide) return this.together(run, what);
    const left = step > 0 ? (tokens / step) * (steps - step) : 0;
    const label = this.again ? `${what} again` : what;
    this.screen.progress.update({ label, done: step, total: steps, tokensPerSecond, left });
  }

  working(run: string, cycle: number, what: string): void {
    const where = cycle === 0 ? what : `cycle ${cycle}: ${what}`;
    if (this.sideBySide) this.together(run, cycle === 0 ? what : `cycle ${cycle}`);
    else this.screen.progress.working(where);
  }

  private together(run: string, what: string): void {
    this.sideBySide?.set(run, what);
    const all = [...(this.sideBySide ?? [])].map(([name, doing]) => `${name} ${doing}`);
    this.screen.progress.working(all.join(', ').slice(0, this.screen.columns - MARGIN));
  }

  /** What a service tells of the run that is followed. */
  hear({ run, cycle, what, step, steps, tokens, tokensPerSecond }: ProgressTold): void {
    if (run !== this.only && !this.sideBySide?.has(run)) return;
    if (step === null || steps === null || tokens === null || tokensPerSecond === null) this.working(run, cycle, what);
    else this.training(run, cycle, { step, steps, tokens, tokensPerSecond });
  }
}
