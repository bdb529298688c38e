import { attribute, type CycleFacts, type RunFacts } from './attribution.js';

const cycle = (at: number, changes: Partial<CycleFacts> = {}): CycleFacts => ({
  cycle: at,
  verdict: 'ACCEPT',
  degraded: false,
  heldBack: false,
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

/** Verdicts of cycles 1, 2, ..: A accepted, R rejected, H rejected in a row that was answered, I inconclusive. */
const verdicts = (row: string, changes: Partial<CycleFacts> = {}): RunFacts => {
  const of = { A: 'ACCEPT', R: 'REJECT', H: 'REJECT', I: 'INCONCLUSIVE' } as const;
  const cycles = [...row].map((letter, at) =>
    cycle(at + 1, { verdict: of[letter as keyof typeof of], heldBack: letter === 'H', ...changes }),
  );
  return run({}, { cycles });
};

describe('given a run whose gate rejected so often that it backed off or was halted', () => {
  /** Candidates that gain nothing on the champion: what DYNAMICS goes by. */
  const noGain = { step: 0.001, stepHalfWidth: 0.005 };

  it.each([
    ['it was halted, then it is the gate, for whatever reason it rejected', 'AAAHHH', ['GATE']],
    ['most verdicts in between were inconclusive, then it is power', 'AAHIIHIIIH', ['POWER']],
    ['as many were rejected as inconclusive, then it is both', 'AAAHIHI', ['GATE', 'POWER']],
    ['further rejections began no new row, then they count as well', 'AAAHHRRI', ['GATE']],
    ['it promoted before, in the tail, then only what came after counts', 'AAAAAAAAHH', ['GATE']],
  ])('when %s', (_what, row, expected) => {
    expect(causes(verdicts(row, noGain))).toEqual(expected);
    expect(causes(verdicts(row, { ...noGain, step: -0.02 }))).not.toContain('DYNAMICS');
  });

  it('when it promoted again afterwards, then the stall is not the gate: the proposals are looked at', () => {
    expect(causes(verdicts('AAAHHAAAAA', noGain))).toEqual(['DYNAMICS']);
  });

  it('when no row of rejections was answered, then proposals without gain are still DYNAMICS', () => {
    expect(causes(verdicts('AAARRR', noGain))).toEqual(['DYNAMICS']);
  });

  it('when other seeds of the arm were not stopped, then DYNAMICS is read from those alone', () => {
    const going = [0.02, 0.021, 0.019].map((step, at) => run({ step }, { run: `going-${at}` }));
    const stopped = { ...verdicts('AAAHHH', { step: -0.5 }), run: 'stopped' };
    const found = attribute([...going, stopped], 4, 0.01).find(({ cause }) => cause === 'DYNAMICS');
    expect(found).toMatchObject({ holds: false, value: expect.closeTo(0.02, 12) });
  });

  it('when one seed alone was not stopped, then it is too little for DYNAMICS', () => {
    const stopped = ['a', 'b'].map((name) => ({ ...verdicts('AAAHHH', noGain), run: name }));
    const going = { ...run({ step: 0.001 }), run: 'going' };
    expect(causes(...stopped, going)).not.toContain('DYNAMICS');
    expect(causes(going)).toContain('DYNAMICS');
  });

  it('when every seed was stopped, then there is nothing that DYNAMICS could be read from', () => {
    const found = attribute([verdicts('AAAHHH', noGain)], 4, 0.01).find(({ cause }) => cause === 'DYNAMICS');
    expect(found).toMatchObject({ holds: false, value: null });
  });
});
