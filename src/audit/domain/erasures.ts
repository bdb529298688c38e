import { Refused } from '#ledger/decider.js';
import type { EventOf } from '#ledger/event.js';
import { ArtifactErased } from './log-events.js';

type Erased = EventOf<typeof ArtifactErased>;

/** Artifacts that were erased; absent while there is none. */
export type Erasures = Readonly<{ erased?: readonly string[] }>;

/** Where records name an artifact: how many do, and those of them that a run needs which is not completed. */
export type Naming = Readonly<{ records: number; needed: readonly Readonly<{ run: string; by: string }>[] }>;

/** Erases what the log names and no run needs that goes on; what is erased already stays so. */
export const eraseArtifact =
  (data: Erased['data'], { records, needed }: Naming) =>
  ({ erased = [] }: Erasures): readonly Erased[] => {
    const { artifact } = data;
    if (erased.includes(artifact)) return [];
    if (records === 0)
      throw new Refused(`artifact: no record names ${artifact}; nothing is erased that the log knows not`);
    const [first] = needed;
    if (first)
      throw new Refused(
        `artifact: run ${first.run} is not completed and needs ${artifact} (${first.by}); it can be erased once the run is completed`,
      );
    return [ArtifactErased.of(data)];
  };

export const evolveErasures = <S extends Erasures>(state: S, { data }: Erased): S => ({
  ...state,
  erased: [...(state.erased ?? []), data.artifact],
});
