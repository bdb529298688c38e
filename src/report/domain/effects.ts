import { overSeeds, type Interval } from '#experiment/domain/statistics.js';
import { effectAt, measuredRuns, type ArmRun, type ArmStory, type Effect } from './arm-story.js';
import type { Cite } from './document.js';
import { ofType } from './told.js';

export type Which = 'accepted' | 'proposed';

/** What an arm ended with, seed by seed and on average. */
export type ArmEffect = Readonly<{
  arm: string;
  /** Place of the arm among all, which its colour goes by. */
  at: number;
  which: Which;
  seeds: readonly Effect[];
  gain: Interval;
  loss: Interval;
  cites: readonly Cite[];
}>;

const effectOf = (story: ArmStory, at: number, which: Which): readonly ArmEffect[] => {
  const found = measuredRuns(story).flatMap((run) => {
    const effect = run[which];
    return effect ? [{ run, effect }] : [];
  });
  if (found.length === 0) return [];
  const seeds = found.map(({ effect }) => effect);
  return [
    {
      arm: story.arm,
      at,
      which,
      seeds,
      gain: overSeeds(seeds.map(({ gainPoints }) => gainPoints)),
      loss: overSeeds(seeds.map(({ lossPercent }) => lossPercent)),
      cites: found.flatMap(({ run }) => run.evidence),
    },
  ];
};

export const effectsOf = (stories: readonly ArmStory[]): readonly ArmEffect[] =>
  (['accepted', 'proposed'] as const).flatMap((which) => stories.flatMap((story, at) => effectOf(story, at, which)));

/** Arms that no other one beats in both: more capability at no more loss. By rising loss. */
export const paretoFront = (effects: readonly ArmEffect[]): readonly ArmEffect[] =>
  effects
    .filter(({ gain, loss }) =>
      effects.every(
        (other) =>
          !(
            other.gain.estimate >= gain.estimate &&
            other.loss.estimate <= loss.estimate &&
            (other.gain.estimate > gain.estimate || other.loss.estimate < loss.estimate)
          ),
      ),
    )
    .toSorted((a, b) => a.loss.estimate - b.loss.estimate || a.gain.estimate - b.gain.estimate);

/** One candidate: how far it moved from its anchor, and what that did. */
export type Dose = Effect &
  Readonly<{ arm: string; at: number; run: string; cycle: number; drift: number; cites: readonly Cite[] }>;

const dosesOf = (story: ArmStory, at: number, { measured, events, planned, evidence }: ArmRun): readonly Dose[] => {
  if (!measured) return [];
  const drifts = ofType(events, 'DriftMeasured').filter(
    ({ event: { data } }) => data.metric === 'kl-to-anchor' && data.value !== null,
  );
  const { proposal } = measured;
  return drifts.flatMap(({ event, cite }) => {
    const { cycle, value } = event.data;
    const place = proposal.capability.findIndex((point) => point.cycle === cycle);
    // Both curves have the same cycles unless a loss was not finite, which has no effect to show.
    if (place < 1 || proposal.general[place]?.cycle !== cycle) return [];
    const effect = effectAt(proposal, place);
    if (!effect || value === null) return [];
    return [{ arm: story.arm, at, run: planned.run, cycle, drift: value, ...effect, cites: [cite, ...evidence] }];
  });
};

/** Every candidate that was measured, of every arm and seed. */
export const allDoses = (stories: readonly ArmStory[]): readonly Dose[] =>
  stories.flatMap((story, at) => story.runs.flatMap((run) => dosesOf(story, at, run)));

/** Mean share of each domain in the training of a cycle, over the runs of an arm. */
export type Share = Readonly<{
  arm: string;
  cycle: number;
  domain: string;
  share: number;
  n: number;
  cites: readonly Cite[];
}>;

const PPM = 1_000_000;

export const sharesOf = ({ arm, runs }: ArmStory): readonly Share[] => {
  const proposals = runs.flatMap(({ events }) => ofType(events, 'CycleProposed'));
  const cycles = [...new Set(proposals.map(({ event }) => event.data.cycle))].sort((a, b) => a - b);
  return cycles.flatMap((cycle) => {
    const own = proposals.filter(({ event }) => event.data.cycle === cycle);
    const weights = own.map(({ event }) => event.data.allocation.weightsPpm);
    const domains = [...new Set(weights.flatMap((each) => Object.keys(each)))].sort();
    return domains.map((domain) => ({
      arm,
      cycle,
      domain,
      share: weights.reduce((sum, each) => sum + (each[domain] ?? 0), 0) / weights.length / PPM,
      n: own.length,
      cites: own.map(({ cite }) => cite),
    }));
  });
};
