import { sameAgain } from './experiment-run.js';

it.each([
  [{}, 'experiment run drug'],
  [{ atOnce: 2 }, 'experiment run drug --at-once 2'],
  [{ atOnce: 2, minutes: 30 }, 'experiment run drug --at-once 2 --minutes 30'],
])('what goes on with an experiment says what was said: %j', (extent, words) =>
  expect(sameAgain('drug', extent)).toBe(words),
);
