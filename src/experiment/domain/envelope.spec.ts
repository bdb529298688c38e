import { envelopeOf, type Measured } from './envelope.js';

const flat = (cycles: readonly number[], value: number) => cycles.map((cycle) => ({ cycle, value, units: null }));
const standing = (run: string, proposed: readonly number[]): Measured => {
  const [all, moved] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
    [0, ...proposed],
  ];
  const curveOf = (cycles: readonly number[]) => ({ capability: flat(cycles, 0.3), general: flat(cycles, 4) });
  return {
    run,
    proposal: curveOf(moved),
    accepted: curveOf(all),
    facts: { cycles: [], epochs: null, meanCosine: null },
  };
};

it('an arm that stands still is stalled where something was proposed, and a frozen one is not', () => {
  expect(envelopeOf([standing('a', [1, 2]), standing('b', [])])).toMatchObject({ stalled: true });
  expect(envelopeOf([standing('a', []), standing('b', [])])).toMatchObject({ stalled: null, attribution: [] });
});
