import { placesOf, positionsIn, wrongPlaces, type Manifest, type Places, type Scope } from './manifest.js';

const manifest = (scope: Scope, places: Places): Manifest => ({
  format: 'prometheus-ledger-export/1',
  build: 'test',
  scope,
  places,
  artifacts: 'none',
  verifier: '0'.repeat(64),
});

describe('places of records', () => {
  it('are stretches of the log', () => {
    const positions = [1, 2, 3, 7, 9, 10];
    expect(placesOf(positions)).toEqual([
      [1, 3],
      [7, 7],
      [9, 10],
    ]);
    expect([...positionsIn(placesOf(positions))]).toEqual(positions);
    expect([...positionsIn(placesOf([]))]).toEqual([]);
  });

  const run: Scope = { kind: 'run', run: 'a' };
  const range: Scope = { kind: 'range', from: 3, through: 5 };
  it.each<[Scope, Places, boolean]>([
    [{ kind: 'log' }, [[1, 10]], true],
    [{ kind: 'log' }, [[1, 9]], false],
    [{ kind: 'log' }, [[2, 10]], false],
    [{ kind: 'log' }, [], false],
    [range, [[3, 5]], true],
    [range, [[3, 6]], false],
    [
      range,
      [
        [3, 3],
        [5, 5],
      ],
      false,
    ],
    [
      run,
      [
        [1, 2],
        [4, 10],
      ],
      true,
    ],
    [
      run,
      [
        [4, 10],
        [1, 2],
      ],
      false,
    ],
    [
      run,
      [
        [1, 4],
        [4, 10],
      ],
      false,
    ],
    [run, [[5, 4]], false],
    [run, [[1, 11]], false],
  ])('of %j: %j are right: %p', (scope, places, right) => {
    expect(wrongPlaces(manifest(scope, places), 10) === undefined).toBe(right);
  });

  it('of an empty log are none', () => {
    expect(wrongPlaces(manifest({ kind: 'log' }, []), 0)).toBeUndefined();
  });
});
