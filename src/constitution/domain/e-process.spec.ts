import { eProcess } from './e-process.js';

const alpha = 0.05 / 12;
const given = { theta: -0.025, largestLoss: 0.2, alpha, mirrorAlpha: 0.05 };
const repeated = (difference: number, units: number): number[] => Array.from({ length: units }, () => difference);

describe('e-process', () => {
  it('bets nothing on the boundary itself', () => {
    const process = eProcess({ ...given, theta: 0, differences: repeated(0, 50) });
    expect(process).toEqual({
      outcome: 'undecided',
      cause: 'units-exhausted',
      eValue: 1,
      mirroredEValue: 1,
      unitsRead: 50,
    });
  });

  it('is the mean of three products, as by hand for one unit', () => {
    const { eValue, mirroredEValue } = eProcess({ ...given, theta: 0, largestLoss: 0.5, differences: [0.25] });
    expect(eValue).toBe((1 + 0.1 * 0.5 + (1 + 0.35 * 0.5) + (1 + 0.95 * 0.5)) / 3);
    expect(mirroredEValue).toBe((1 - 0.1 * 0.5 + (1 - 0.35 * 0.5) + (1 - 0.95 * 0.5)) / 3);
  });

  it('passes at the first unit that reaches 1 / alpha and reads no further', () => {
    const process = eProcess({ ...given, differences: [...repeated(0.05, 60), NaN] });
    expect(process).toMatchObject({ outcome: 'pass', cause: 'crossed' });
    expect(process.eValue).toBeGreaterThanOrEqual(1 / alpha);
    const before = eProcess({ ...given, differences: repeated(0.05, process.unitsRead - 1) });
    expect(before.outcome).toBe('undecided');
    expect(before.eValue).toBeLessThan(1 / alpha);
  });

  it('needs more units for a smaller alpha', () => {
    const read = (level: number) => eProcess({ ...given, alpha: level, differences: repeated(0.05, 90) }).unitsRead;
    expect(read(0.05)).toBeLessThan(read(alpha));
  });

  it('fails when the mirrored process shows the opposite', () =>
    expect(eProcess({ ...given, differences: repeated(-0.1, 90) })).toMatchObject({
      outcome: 'fail',
      cause: 'mirror-crossed',
    }));

  it('fails at a unit below the largest loss, and not at one that equals it', () => {
    const below = eProcess({ ...given, differences: [0.1, -0.2000001, 0.1] });
    expect(below).toMatchObject({ outcome: 'fail', cause: 'unit-below-bound', eValue: 0, unitsRead: 2 });
    expect(eProcess({ ...given, differences: [0.1, -0.2, 0.1] }).outcome).toBe('undecided');
  });

  it.each([NaN, Infinity, -Infinity])('fails on a unit that is %p', (unit) =>
    expect(eProcess({ ...given, differences: [0.01, unit] })).toMatchObject({
      cause: 'not-a-number',
      eValue: 0,
      unitsRead: 2,
    }),
  );

  it('does not take an overflow for proof', () =>
    expect(eProcess({ ...given, differences: [1e308] })).toMatchObject({ outcome: 'fail', cause: 'not-a-number' }));

  it.each([
    ['a margin as wide as the largest loss', { theta: -0.2 }],
    ['a floor as high as the largest loss', { theta: 0.2 }],
    ['no theta', { theta: NaN }],
    ['no largest loss', { largestLoss: Infinity }],
    ['alpha of zero', { alpha: 0 }],
    ['alpha above one', { alpha: 1.5 }],
    ['no level for the mirror', { mirrorAlpha: NaN }],
  ])('fails without reading when there is %s', (_, change) =>
    expect(eProcess({ ...given, ...change, differences: repeated(1, 9) })).toMatchObject({
      outcome: 'fail',
      cause: 'no-room',
      unitsRead: 0,
    }),
  );
});
