import { z } from 'zod';
import { explainIssue } from './explain-issue.js';

const schema = z
  .strictObject({
    cycles: z.int().min(1).max(900).default(10),
    rate: z.number().positive().max(0.05).optional(),
    width: z.int().min(32).multipleOf(32).optional(),
    base: z
      .union([z.strictObject({ steps: z.int().min(1), batch: z.int() }), z.strictObject({ checkpoint: z.string() })])
      .prefault({ steps: 1, batch: 1 }),
  })
  .superRefine(() => undefined);

const explained = (input: unknown): string => explainIssue(schema.safeParse(input).error?.issues[0], input, schema);

test('a misspelt field: the one that was probably meant, and all there are', () => {
  expect(explained({ cycels: 3 })).toBe(
    'cycels: no such field, did you mean cycles? Allowed: cycles, rate, width, base',
  );
  expect(explained({ base: { checkpoint: 'x', chekpoint: 'y' } })).toContain(
    'did you mean base.checkpoint? Allowed: steps, batch, checkpoint',
  );
  expect(explained({ temperature: 3 })).toBe('temperature: no such field. Allowed: cycles, rate, width, base');
});

test('a number that is none: the range', () => {
  expect(explained({ cycles: 'lots' })).toBe('cycles: "lots": a whole number from 1 to 900 is needed');
  expect(explained({ rate: 'fast' })).toBe('rate: "fast": a number above 0 of at most 0.05 is needed');
  expect(explained({ width: null })).toBe('width: null: a whole number of at least 32, a multiple of 32 is needed');
});

test('a number out of its range keeps the words of the schema', () => {
  expect(explained({ cycles: 0 })).toBe('cycles: 0: too small: expected number to be >=1');
});

test('without the schema it says what the issue says', () => {
  const issue = schema.safeParse({ cycels: 3 }).error?.issues[0];
  expect(explainIssue(issue, { cycels: 3 })).toBe('cycels: no such field');
});
