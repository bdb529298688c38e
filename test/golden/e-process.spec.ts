import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eProcess, type EProcess, type EProcessInput } from '#constitution/domain/e-process.js';

/** Computed by another implementation (CPython) from the recipe in the docstring: the numbers are a format. */
type Golden = Readonly<{ name: string; input: EProcessInput; expected: EProcess }>;
const cases = JSON.parse(readFileSync(join('test', 'golden', 'e-process.json'), 'utf8')) as Golden[];

describe('the e-process, bit for bit', () => {
  it('has a case for every way to end that well-formed input can reach', () => {
    const causes = new Set(cases.map(({ expected }) => expected.cause));
    expect([...causes].sort()).toEqual([
      'crossed',
      'mirror-crossed',
      'no-units',
      'not-a-number',
      'unit-below-bound',
      'units-exhausted',
    ]);
  });

  it.each(cases)('$name', ({ input, expected }) => expect(eProcess(input)).toEqual(expected));
});
