import type { ProgressTold } from '#doors/progress-feed.js';
import { LoopListener } from '#loop/loop-ports.js';
import type { Progress } from '#trainer/trainer.js';
import type { Screen } from './screen.js';

/** Shows how far training is on the line that changes. */
export class ScreenListener extends LoopListener {
  /** Set while a replay trains again. */
  again = false;
  /** The run that a service is followed for; it tells of all of them. */
  only: string | undefined;

  constructor(private readonly screen: Screen) {
    super();
  }

  training(
    _run: string,
    cycle: number,
    { step, steps, tokens, tokensPerSecond }: Omit<Progress, 'lossNatsMean'>,
  ): void {
    const what = cycle === 0 ? 'training the base' : `training cycle ${cycle}`;
    const left = step > 0 ? (tokens / step) * (steps - step) : 0;
    const label = this.again ? `${what} again` : what;
    this.screen.progress.update({ label, done: step, total: steps, tokensPerSecond, left });
  }

  working(_run: string, cycle: number, what: string): void {
    this.screen.progress.working(cycle === 0 ? what : `cycle ${cycle}: ${what}`);
  }

  /** What a service tells of the run that is followed. */
  hear({ run, cycle, what, step, steps, tokens, tokensPerSecond }: ProgressTold): void {
    if (run !== this.only) return;
    if (step === null || steps === null || tokens === null || tokensPerSecond === null) this.working(run, cycle, what);
    else this.training(run, cycle, { step, steps, tokens, tokensPerSecond });
  }
}
