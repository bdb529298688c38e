import { attribute, type CycleFacts, type RunFacts } from './attribution.js';

const cycle = (at: number, changes: Partial<CycleFacts> = {}): CycleFacts => ({
  cycle: at,
  verdict: 'ACCEPT',
  degraded: false,
  step: 0.02,
  stepHalfWidth: 0.005,
  ...changes,
});
const run = (changes: Partial<CycleFacts>, more: Partial<RunFacts> = {}): RunFacts => ({
  run: 'a',
  cycles: [1, 2, 3, 4, 5, 6].map((at) => cycle(at, changes)),
  capability: 0.5,
  epochs: 1,
  ...more,
});
const causes = (...runs: readonly RunFacts[]): readonly string[] =>
  attribute(runs, 4, 0.01).flatMap(({ cause, holds }) => (holds ? [cause] : []));

it.each([
  ['rejections for a loss of quality', run({ verdict: 'REJECT', degraded: true }), ['GATE']],
  ['verdicts that decide nothing', run({ verdict: 'INCONCLUSIVE' }), ['POWER']],
  ['steps too small for the items', run({ step: 0.004, stepHalfWidth: 0.02 }), ['POWER']],
  ['a capability of nearly 1', run({}, { capability: 0.985 }), ['CEILING']],
  ['text read five times', run({}, { epochs: 5 }), ['DATA']],
  ['proposals that gain nothing by themselves', run({ step: 0.001 }), ['DYNAMICS']],
  ['the same at the ceiling', run({ step: 0.001 }, { capability: 0.99 }), ['CEILING']],
  ['nothing of this', run({}), []],
  ['nothing measured', run({ verdict: null, step: null }, { epochs: null, capability: null }), []],
])('%s', (_what, facts, expected) => expect(causes(facts)).toEqual(expected));

it('looks at the cycles of the tail only', () => {
  const early = run({}, { cycles: [1, 2, 3].map((at) => cycle(at, { verdict: 'INCONCLUSIVE' })) });
  expect(causes(early)).toEqual([]);
});

it('over several seeds a stall of the proposals must be shown, not only estimated', () => {
  const seeds = (steps: readonly number[]) => steps.map((step, at) => run({ step }, { run: `seed-${at}` }));
  expect(causes(...seeds([0.001, 0.0012, 0.0008, 0.001]))).toEqual(['DYNAMICS']);
  expect(causes(...seeds([0.02, -0.02, 0.012, -0.012]))).not.toContain('DYNAMICS');
});
