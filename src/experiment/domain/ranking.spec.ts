import { agreementOf, rankingsOf, scoresAt, type DomainGain, type RankedRun } from './ranking.js';

const gain = (
  name: string,
  own: number,
  capability = own,
  halves: readonly [number, number] = [own, own],
): DomainGain => ({
  name,
  entropyNats: 1,
  own,
  halves,
  capability,
});

/** Losses of two cycles: progress is largest in sort and none in noise, of which most is unknown. */
const scouts = [
  { cycle: 1, lossesNats: { sort: 0.8, dyck: 0.5, noise: 1, elsewhere: 9 } },
  { cycle: 2, lossesNats: { sort: 0.4, dyck: 0.3, noise: 1, elsewhere: 9 } },
];
const run = (...cycles: RankedRun['cycles']): RankedRun => ({ run: 'r', scouts, cycles });
const learnable = [gain('sort', 0.2), gain('dyck', 0.1), gain('noise', 0)];
const tauOf = (ranked: RankedRun, policy: string, measure = 'own'): number | null | undefined =>
  rankingsOf(ranked).find((each) => each.policy === policy && each.measure === measure)?.tau;

it('learning progress ranks domains by what they gain where progress goes on, and uncertainty puts noise first', () => {
  const ranked = run({ cycle: 2, gains: learnable });
  expect(tauOf(ranked, 'learning-progress')).toBeCloseTo(1, 12);
  // noise 1, sort .4, dyck .3 against 0, .2, .1: one pair of three the right way round.
  expect(tauOf(ranked, 'uncertainty')).toBeCloseTo(-1 / 3, 12);
});

it('gives the scores that a policy had before the cycle, of what was seen until then', () => {
  // fast .8 to .6, slow .8 to .75.
  expect(scoresAt({ scouts }, 'learning-progress', learnable, 2)['sort']).toBeCloseTo(0.15, 12);
  expect(scoresAt({ scouts: [...scouts].reverse() }, 'uncertainty', learnable, 2)).toEqual({
    sort: 0.4,
    dyck: 0.3,
    noise: 1,
  });
  expect(scoresAt({ scouts }, 'uncertainty', learnable, 1)).toEqual({ sort: 0.8, dyck: 0.5, noise: 1 });
});

it('has no tau before there is progress, and leaves such cycles out of the mean', () => {
  const first = { cycle: 1, gains: learnable };
  const [found] = rankingsOf(run(first, { cycle: 2, gains: learnable }));
  expect(found?.cycles.map(({ tau }) => tau)).toEqual([null, expect.closeTo(1, 12)]);
  expect(found?.tau).toBeCloseTo(1, 12);
  expect(tauOf(run(first), 'learning-progress')).toBeNull();
});

it('ranks by the capability of all targets apart from the gain in the domain itself', () => {
  const gains = [gain('sort', 0.2, -1), gain('dyck', 0.1, 2), gain('noise', 0, 3)];
  expect(tauOf(run({ cycle: 2, gains }), 'learning-progress', 'capability')).toBeCloseTo(-1, 12);
});

it('says how far the two halves of the items agree', () => {
  const gains = [gain('sort', 0.2, 0, [0.3, 0.1]), gain('dyck', 0.1, 0, [0.1, 0.2]), gain('noise', 0, 0, [0, 0])];
  expect(agreementOf(run({ cycle: 2, gains }))).toBeCloseTo(1 / 3, 12);
  expect(agreementOf(run())).toBeNull();
});
