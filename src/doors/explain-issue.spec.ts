import { runFileSchema } from '#run/domain/run-file.js';
import { explainIssue } from './explain-issue.js';

const explained = (fields: Record<string, unknown>): string =>
  explainIssue(runFileSchema.safeParse(fields).error?.issues[0], fields);

test.each([
  [{ run: 'a', cycles: 0 }, 'cycles: 0: too small: expected number to be >=1'],
  [{ run: 'a', seed: 1.5 }, 'seed: 1.5: expected int, received number'],
  [
    { run: 'a', policy: 'greedy' },
    'policy: "greedy": expected one of "uniform"|"learning-progress"|"uncertainty"|"frozen"',
  ],
  [{}, 'run: missing: expected string, received undefined'],
  [{ run: 'a', cycels: 3 }, /^cycels: no such field/],
  [{ run: 'a', base: { stepz: 3 } }, /^base\.stepz: no such field/],
  [{ run: 'a', base: { steps: 0 } }, 'base.steps: 0: too small: expected number to be >=1'],
  [
    { run: 'a', regime: 'reckless' },
    /^regime: "reckless": expected one of "conservative"\|"aggressive", or expected object/,
  ],
  [{ run: 'a', regime: { label: 'x', learningRate: 0.9 } }, /^regime\.warmupSteps: missing: expected number/],
  [{ run: 'a', regime: [{ fromCycle: 0, regime: 'aggressive' }] }, /^regime\.0\.fromCycle: 0: too small/],
  [{ run: 'a', corpora: { mine: { paht: './x' } } }, /^corpora\.mine/],
])('%j: one line with field, value and what is allowed', (fields, expected) => {
  const line = explained(fields);
  expect(line).not.toContain('\n');
  if (typeof expected === 'string') expect(line).toBe(expected);
  else expect(line).toMatch(expected);
});
