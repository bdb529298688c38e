import { measuredOf } from '#experiment/domain/arm.js';
import type { Point } from '#experiment/domain/curve.js';
import { envelopeOf, type Envelope, type Measured } from '#experiment/domain/envelope.js';
import { factOf } from '#experiment/domain/fact.js';
import { isReported } from '#experiment/domain/readings.js';
import type { Cite } from './document.js';
import { registeredIn, ofType, type Told, type ToldRun } from './told.js';

/** What one run ended with, beside what it began with: points of capability, percent of bits per byte lost. */
export type Effect = Readonly<{ gainPoints: number; lossPercent: number }>;

export type ArmRun = ToldRun &
  Readonly<{
    /** Undefined without a complete report. */
    measured: Measured | undefined;
    /** Its champion at the end, and the last candidate whatever the gate said of it. */
    accepted: Effect | undefined;
    proposed: Effect | undefined;
    /** The records of its report, which every curve follows from. */
    evidence: readonly Cite[];
  }>;

/** Everything that happened in one arm. */
export type ArmStory = Readonly<{
  arm: string;
  /** The experiment whose runs they are, where they are another's. */
  sharedWith: string | undefined;
  runs: readonly ArmRun[];
  envelope: Envelope;
}>;

/** Its name in a table that counts what its runs did, which the other experiment's report counts too. */
export const countedName = ({ arm, sharedWith }: ArmStory): string =>
  sharedWith === undefined ? arm : `${arm} (runs of ${sharedWith})`;

const valueAt = (points: readonly Point[], at: number): number | undefined => points.at(at)?.value ?? undefined;

/** Between a curve's first point and one of its points. */
export const effectAt = ({ capability, general }: Measured['proposal'], at: number): Effect | undefined => {
  const [from, to] = [valueAt(capability, 0), valueAt(capability, at)];
  const [before, after] = [valueAt(general, 0), valueAt(general, at)];
  if (from === undefined || to === undefined || before === undefined || after === undefined) return undefined;
  return { gainPoints: 100 * (to - from), lossPercent: (100 * (after - before)) / before };
};

const armRun = (run: ToldRun, trainBytes: Told['trainBytes']): ArmRun => {
  const facts = run.events.flatMap(({ event }) => factOf(event) ?? []);
  // The report's own figures stand in its records; what single items came to is not needed for them.
  const measured = isReported(facts)
    ? measuredOf(facts, { source: 'report', unitsOf: () => undefined, trainBytes })
    : undefined;
  const evidence = ofType(run.events, 'ProbesRecorded').flatMap(({ event, cite }) =>
    event.data.role === 'report' ? cite : [],
  );
  return {
    ...run,
    measured,
    accepted: measured && effectAt(measured.accepted, -1),
    // A frozen arm proposes nothing: its only point is where it began.
    proposed: measured && measured.proposal.capability.length > 1 ? effectAt(measured.proposal, -1) : undefined,
    evidence,
  };
};

/** The arms in the order in which they were registered. */
export const armStories = (told: Told): readonly ArmStory[] => {
  const { arms, pairedWith } = registeredIn(told).registration;
  return arms.map(({ arm, sameAs }) => {
    const runs = told.runs.filter(({ planned }) => planned.arm === arm).map((run) => armRun(run, told.trainBytes));
    const sharedWith = sameAs === undefined ? undefined : pairedWith;
    return { arm, sharedWith, runs, envelope: envelopeOf(runs.flatMap(({ measured }) => measured ?? [])) };
  });
};

/** Runs of the arm whose report is complete. */
export const measuredRuns = ({ runs }: ArmStory): readonly ArmRun[] => runs.filter(({ measured }) => measured);
