import { powerOfEquivalence, powerOfT } from './power.js';
import { alphaOfLook, type Hypothesis, type Registration } from './registration.js';

export const WANTED_POWER = 0.8;
const LARGEST = 1_000;
const HALVINGS = 40;

/** Smallest size at which a power that grows with it is the wanted one; undefined where not even the largest has it. */
const smallest = (powerAt: (size: number) => number): number | undefined => {
  if (powerAt(LARGEST) < WANTED_POWER) return undefined;
  let [low, high] = [0, LARGEST];
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const size = (low + high) / 2;
    if (powerAt(size) < WANTED_POWER) low = size;
    else high = size;
  }
  return high;
};

/**
 * How much has to be there for the last look to show it with a power of .8 by a paired t test, where the rest of the family shows
 * nothing, in standard deviations of the differences between paired seeds. Of a direction: the mean difference, two-sided.
 * Equivalent and non-inferior: the margin, where there is no difference at all. Undefined beyond a thousand of them.
 */
export const visibleEffect = (registration: Registration, expects: Hypothesis['expects']): number | undefined => {
  const [pairs, alpha] = [registration.seeds, alphaOfLook(registration) / registration.hypotheses.length];
  if (expects === 'equivalent')
    return smallest((within) => powerOfEquivalence({ pairs, sd: 1, effect: 0, alpha, within }));
  const oneSided = expects === 'non-inferior' ? alpha : alpha / 2;
  return smallest((effect) => powerOfT({ pairs, sd: 1, effect, alpha: oneSided }));
};
