import { resolveCheckpoint } from './resolve-checkpoint.js';
import type { Started } from './run.js';

const hash = (start: string): string => start.padEnd(64, '0');
const [anchor, first, second] = [hash('aaaaaa1'), hash('bbbbbb1'), hash('bbbbbb2')];

const run = {
  config: { run: 'r' },
  anchor: { checkpoint: anchor },
  accepted: [anchor, first, second, first],
  cycles: [
    { cycle: 1, produced: { candidate: first } },
    { cycle: 2, produced: { candidate: hash('cccccc') } },
    { cycle: 3, produced: { candidate: second } },
  ],
} as unknown as Started;

test('a cycle number names its accepted candidate, 0 the anchor', () => {
  expect([resolveCheckpoint(run, '0'), resolveCheckpoint(run, '3')]).toEqual([anchor, second]);
});

test('a hash may be cut short as long as it is clear', () => {
  expect([resolveCheckpoint(run, 'bbbbbb1'), resolveCheckpoint(run, first)]).toEqual([first, first]);
});

test.each([
  ['2', /cycle 2 of run r has no accepted checkpoint/],
  ['9', /no accepted checkpoint/],
  ['bbbbbb', /more than one/],
  ['cccccc', /no accepted checkpoint/],
  ['xyz', /at least 6 hex digits/],
])('%s is refused', (to, message) => {
  expect(() => resolveCheckpoint(run, to)).toThrow(message);
});
