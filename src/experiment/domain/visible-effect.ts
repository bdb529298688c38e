import { powerOfT } from './power.js';
import { alphaOfLook, type Registration } from './registration.js';

export const WANTED_POWER = 0.8;
const LARGEST = 1_000;
const HALVINGS = 40;

/**
 * Smallest mean difference, in standard deviations of the differences between paired seeds, that the last look shows to be one
 * with a power of .8, two-sided, where the rest of the family shows nothing.
 */
export const visibleEffect = (registration: Registration): number => {
  const alpha = alphaOfLook(registration) / registration.hypotheses.length / 2;
  let [low, high] = [0, LARGEST];
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const effect = (low + high) / 2;
    if (powerOfT({ pairs: registration.seeds, sd: 1, effect, alpha }) < WANTED_POWER) low = effect;
    else high = effect;
  }
  return high;
};
