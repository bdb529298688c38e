import { aggressive, conservative, type Regime } from '#constitution/domain/regime.js';
import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { Rng } from '#corpus/domain/random.js';
import { onTheLine, withNoise } from '#experiment/domain/known-effect.js';
import { updatePlan } from '#trainer/domain/plan.js';
import { BUGS, type Bug } from './buggy-evaluator.js';
import type { StudiedChampion } from './studied-champion.js';

/** Weights whose effect was made on purpose, and how. */
export type Made = Readonly<{ kind: string; detail: string; bytes: Uint8Array; bug?: Bug }>;

/** How many of each are made. */
export type Extent = Readonly<{
  noises: readonly number[];
  repeats: number;
  factors: readonly number[];
  rates: readonly number[];
  poisons: readonly number[];
}>;

export const FULL: Extent = {
  noises: [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.2, 0.4],
  repeats: 5,
  factors: [0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 1, 1.25, 1.5, 2, 3],
  rates: [0.5, 1, 2],
  poisons: [0.02, 0.05, 0.1, 0.25, 0.5, 1],
};

export const QUICK: Extent = { noises: [0.5], repeats: 1, factors: [1], rates: [1], poisons: [1] };

type Setting = Readonly<{ base: StudiedChampion; seed: string; extent: Extent }>;

/** Answers that are drawn at random in a share of the training sequences. */
const poisoned = (sequences: Uint8Array, share: number, rng: Rng): Uint8Array =>
  encodeSequences(
    decodeSequences(sequences).map((sequence, at) => {
      const own = rng.branch(at);
      if (own.uniform() >= share) return sequence;
      const { tokens, targets, mask } = sequence;
      return { tokens, targets: targets.map((byte, t) => (mask[t] === 1 ? own.below(256) : byte)), mask };
    }),
  );

/** An update of the champion by the native trainer: the weights as it leaves them. */
const trained = async (
  { ports, context, proposal, champion, anchor }: StudiedChampion,
  regime: Regime,
  batches: string,
): Promise<Uint8Array> => {
  const { general, sentinel } = proposal;
  const inputs = { champion, anchor, batches, general: regime.generalBatch > 0 ? general : null, sentinel };
  const plan = updatePlan(context.config, regime, inputs);
  const work = { artifacts: ports.artifacts, onProgress: () => undefined, signals: [] };
  return ports.artifacts.get((await ports.trainer.carryOut(plan, work)).candidate);
};

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))}%`;

/** Noise on the champion and on a good update. */
const noisy = ({ seed, extent }: Setting, of: string, from: Uint8Array): readonly Made[] =>
  extent.noises.flatMap((size) =>
    Array.from({ length: extent.repeats }, (_, at) => ({
      kind: `noise on ${of}`,
      detail: `${percent(size)}, draw ${at + 1}`,
      bytes: withNoise(from, size, Rng.from(seed, 'noise', of, String(size), at)),
    })),
  );

/** On the line from the champion through an update, and beyond it. */
const onLine = ({ extent }: Setting, kind: string, from: Uint8Array, to: Uint8Array): readonly Made[] =>
  extent.factors.map((factor) => ({
    kind,
    detail: `${factor} of the way`,
    bytes: onTheLine(from, to, factor),
  }));

/**
 * Candidates of known making, in a fixed order: weight noise, interpolations and extrapolations of anchored and unanchored
 * updates, updates on poisoned answers, and an evaluator with a mistake in front of good and bad ones.
 */
export const makeCandidates = async (setting: Setting): Promise<readonly Made[]> => {
  const { base, seed, extent } = setting;
  const { proposal, ports } = base;
  const champion = await ports.artifacts.get(base.champion);
  const batches = proposal.batches ?? '';
  // Steps and batch are the proposal's, whose sequences are learnt from; without a trust region nothing is taken back.
  const { steps, batch, sequence, warmupSteps, generalBatch, learningRate } = proposal.regime;
  const sized = { steps, batch, sequence, warmupSteps, trustRegion: null };
  const anchored = (rate: number): Regime => ({
    ...conservative,
    ...sized,
    generalBatch,
    learningRate: learningRate * rate,
  });
  const unanchored = (rate: number): Regime => ({ ...aggressive, ...sized, learningRate: learningRate * rate });
  const good = await trained(base, anchored(1), batches);
  const made: Made[] = [...noisy(setting, 'the champion', champion), ...noisy(setting, 'a good update', good)];
  for (const rate of extent.rates)
    for (const [kind, regime] of [
      ['anchored update', anchored(rate)],
      ['unanchored update', unanchored(rate)],
    ] as const) {
      const update = await trained(base, regime, batches);
      made.push(...onLine(setting, `${kind}, rate x ${rate}`, champion, update));
    }
  for (const share of extent.poisons) {
    const rng = Rng.from(seed, 'poison', String(share));
    const bytes = poisoned(await ports.artifacts.get(batches), share, rng);
    const update = await trained(base, anchored(1), await ports.artifacts.put(bytes));
    for (const factor of [0.5, 1])
      made.push({
        kind: 'poisoned answers',
        detail: `${percent(share)} of sequences, ${factor} of the way`,
        bytes: onTheLine(champion, update, factor),
      });
  }
  const suspects = [good, champion, withNoise(champion, 0.1, Rng.from(seed, 'noise', 'suspect'))];
  for (const bug of BUGS)
    suspects.forEach((bytes, at) => {
      const detail = `${bug}, ${['a good update', 'the champion', '10% noise'][at]}`;
      made.push({ kind: 'evaluator bug', detail, bytes, bug });
    });
  return made;
};
