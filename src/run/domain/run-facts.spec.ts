import { curveTable } from '#terminal/curve.js';
import { emptyCycle } from './cycle.js';
import type { Started } from './run.js';
import { outcomeOf, reportedCurve, reportedEnds, whyUnjudged } from './run-facts.js';

const reported = (checkpoint: string, capability: number, text: number) => ({
  checkpoint,
  metrics: { capability, 'general-bits-per-byte': text },
});

const run = {
  anchor: { checkpoint: 'a' },
  champion: 'b',
  cycles: [
    emptyCycle(0),
    { ...emptyCycle(1), produced: { candidate: 'b' }, verdict: { verdict: 'ACCEPT' } },
    { ...emptyCycle(2), produced: { candidate: 'c' }, verdict: { verdict: 'REJECT' } },
    { ...emptyCycle(3), aborted: { reason: 'non-finite' } },
  ],
  reported: [reported('a', 0.3, 2.5), reported('b', 0.32, 2.45), reported('c', 0.35, 3)],
} as unknown as Started;

test('the accepted curve stays with the champion where the proposal was rejected', () => {
  const curve = reportedCurve(run);
  expect(curve.map(({ cycle, capability, champion }) => [cycle, capability, champion.capability])).toEqual([
    [0, 0.3, 0.3],
    [1, 0.32, 0.32],
    [2, 0.35, 0.32],
  ]);
});

test('after a rollback the accepted curve goes on from what it went back to', () => {
  const [base, first, second] = run.cycles;
  const later = { ...second, proposal: { champion: 'a' } };
  const curve = reportedCurve({ ...run, cycles: [base, first, later] } as unknown as Started);
  expect(curve.map(({ champion }) => champion.capability)).toEqual([0.3, 0.32, 0.3]);
});

test('the ends are the anchor and the present champion; without a look there are none', () => {
  expect(reportedEnds(run)).toEqual({
    anchor: { capability: 0.3, generalBitsPerByte: 2.5 },
    champion: { capability: 0.32, generalBitsPerByte: 2.45 },
  });
  expect(reportedEnds({ ...run, reported: [] })).toBeUndefined();
  expect(reportedCurve({ ...run, reported: [] })).toEqual([]);
});

test('a cycle without a verdict says what kept it from one', () => {
  expect(run.cycles.map(outcomeOf)).toEqual(['open', 'ACCEPT', 'REJECT', 'ABORTED']);
});

test('the curve shows gains over the anchor and how much worse general text became', () => {
  const { rows } = curveTable(reportedCurve(run));
  expect(rows[2]).toEqual(['2', 'REJECT', '35.0%', '+5.0', '██████████', '32.0%', '3.000', '+20.0%', '-2.0%']);
});

test('a cycle that was never judged says why', () => {
  const violations = [{ field: 'steps', value: '4000', allowed: '1 to 2000' }];
  const proposal = { allocation: { policy: 'frozen' } };
  const cycles = [
    emptyCycle(0),
    { ...emptyCycle(1), refused: { violations } },
    { ...emptyCycle(2), aborted: { reason: 'non-finite', message: 'the loss is NaN' } },
    { ...emptyCycle(3), proposal },
    emptyCycle(4),
  ] as unknown as Started['cycles'];
  expect(cycles.map(whyUnjudged)).toEqual([
    expect.stringContaining('the base is what candidates are compared with'),
    'refused before any training: steps is 4000; allowed: 1 to 2000',
    'its update ended (non-finite): the loss is NaN',
    'the policy is frozen: nothing was trained, so there is no candidate to judge',
    'it has not come so far yet',
  ]);
});
