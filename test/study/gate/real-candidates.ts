import type { DataOf } from '#run/domain/events.js';
import { makeCandidates, type Extent, type Made } from './candidates.js';
import { judgeCandidate } from './judge-candidate.js';
import { trainChampion, type StudiedChampion } from './studied-champion.js';
import { studyPorts } from './study-ports.js';
import { TrueEffects, type TrueEffect } from './true-effect.js';

/** A candidate, what it truly does, and what the loop made of it. */
export type Judged = Readonly<{
  kind: string;
  detail: string;
  effect: TrueEffect;
  /** ABORTED: refused before any verdict, since its loss is not finite. */
  outcome: DataOf<'VerdictReached'>['verdict'] | 'ABORTED';
  /** Rules that it failed. */
  failed: readonly string[];
}>;

export type RealStudy = Readonly<{
  judged: readonly Judged[];
  sizes: TrueEffects['sizes'];
  config: StudiedChampion['run']['config'];
  parameters: number;
}>;

type Options = Readonly<{
  file: object;
  seed: string;
  extent: Extent;
  blocks: number;
  threads: number;
  onJudged?: (done: number, all: number) => void;
}>;

const judgedOf = async (base: StudiedChampion, effects: TrueEffects, made: Made): Promise<Judged> => {
  const { kind, detail, bytes, bug } = made;
  const verdict = await judgeCandidate(base, bytes, bug);
  const failed = verdict?.reasons.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule) ?? [];
  const effect = await effects.measure(bytes);
  return { kind, detail, effect, outcome: verdict?.verdict ?? 'ABORTED', failed };
};

/** Trains a base and a champion, makes candidates of known effect, and has each judged by the whole loop. */
export const studyCandidates = async (options: Options): Promise<RealStudy> => {
  const { file, seed, extent, blocks, threads, onJudged } = options;
  const ports = studyPorts(threads);
  try {
    const base = await trainChampion(ports, file);
    const effects = await TrueEffects.of(base, seed, blocks);
    const made = await makeCandidates({ base, seed, extent });
    const judged: Judged[] = [];
    for (const each of made) {
      judged.push(await judgedOf(base, effects, each));
      onJudged?.(judged.length, made.length);
    }
    const { config, anchor } = base.run;
    return { judged, sizes: effects.sizes, config, parameters: anchor?.parameters ?? 0 };
  } finally {
    await ports.shadow.close();
  }
};
