import { CallCounts } from './call-counts.js';

let now = 0;
const WINDOW_MS = 60_000;
const ask = (counts: CallCounts, caller: string): readonly [number, number] => {
  let told: readonly [number, number] = [NaN, NaN];
  counts.incr(caller, (_error, result) => (told = [result?.current ?? NaN, result?.ttl ?? NaN]), WINDOW_MS);
  return told;
};

beforeEach(() => {
  now = 5000;
});

test('a caller’s calls are counted until the window is over, each caller’s apart', () => {
  const counts = new CallCounts(() => now);
  expect(ask(counts, 'ada')).toEqual([1, WINDOW_MS]);
  now += 1000;
  expect(ask(counts.child(), 'ada')).toEqual([2, WINDOW_MS - 1000]);
  expect(ask(counts, 'bob')).toEqual([1, WINDOW_MS]);
  now += WINDOW_MS - 1000;
  expect(ask(counts, 'ada')).toEqual([1, WINDOW_MS]);
});

test('callers beyond the most are forgotten, the longest silent first', () => {
  const counts = new CallCounts(() => now);
  ask(counts, 'silent');
  ask(counts, 'ada');
  for (let at = 0; at < 9998; at += 1) ask(counts, `other ${at}`);
  expect(ask(counts, 'ada')).toEqual([2, WINDOW_MS]);
  ask(counts, 'one more');
  expect(ask(counts, 'ada')).toEqual([3, WINDOW_MS]);
  expect(ask(counts, 'silent')).toEqual([1, WINDOW_MS]);
});
