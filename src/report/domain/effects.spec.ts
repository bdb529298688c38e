import { describe, expect, it } from '@jest/globals';
import { paretoFront, type ArmEffect } from './effects.js';

const effect = (arm: string, gain: number, loss: number): ArmEffect => ({
  arm,
  at: 0,
  which: 'accepted',
  seeds: [],
  gain: { estimate: gain, low: null, high: null },
  loss: { estimate: loss, low: null, high: null },
  cites: [],
});

const frontOf = (...effects: readonly ArmEffect[]): readonly string[] => paretoFront(effects).map(({ arm }) => arm);

describe('the Pareto front', () => {
  it('holds the arms that none beats in both, by rising loss', () => {
    expect(frontOf(effect('greedy', 5, 20), effect('worse', 1, 3), effect('good', 2, 1), effect('none', 0, 0))).toEqual(
      ['none', 'good', 'greedy'],
    );
  });

  it('holds equal arms together, and not one that only equals in one and loses in the other', () => {
    expect(frontOf(effect('a', 1, 1), effect('b', 1, 1), effect('c', 1, 2), effect('d', 0.5, 1))).toEqual(['a', 'b']);
  });
});
