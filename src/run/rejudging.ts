/** One thing that comes out otherwise when a verdict is judged again; both sides as canonical JSON. */
export type Difference = Readonly<{ what: string; recorded: string; recomputed: string }>;

/** Judges the recorded evidence of a cycle again. */
export abstract class Rejudging {
  /** What differs from the recorded verdict; nothing when it is the same. @throws ArtifactMissing, ArtifactDamaged */
  abstract judgeAgain(run: string, cycle: number): Promise<readonly Difference[]>;
}
