import { differences } from './run-diff.js';

test('every differing leaf is named by its path, equal ones are not', () => {
  const a = { seed: 1, base: { steps: 5, batch: 2 }, targets: ['x', 'y'] };
  const b = { seed: 1, base: { steps: 6, batch: 2 }, targets: ['x'], parent: null };
  expect(differences(a, b)).toEqual([
    { field: 'base.steps', a: 5, b: 6 },
    { field: 'targets.1', a: 'y' },
    { field: 'parent', b: null },
  ]);
  expect(differences(a, structuredClone(a))).toEqual([]);
});
