import type { ProgressTold } from '#doors/progress-feed.js';
import { count } from './figures.js';

/** "Cycle 3: training, step 120 of 300, 12,300 bytes a second". */
export const progressSentence = ({ cycle, what, step, steps, tokensPerSecond }: ProgressTold): string => {
  const where = cycle === 0 ? 'Base' : `Cycle ${cycle}`;
  const far = step === null || steps === null ? '' : `, step ${count(step)} of ${count(steps)}`;
  const fast = tokensPerSecond === null ? '' : `, ${count(Math.round(tokensPerSecond))} bytes a second`;
  return `${where}: ${what}${far}${fast}`;
};
