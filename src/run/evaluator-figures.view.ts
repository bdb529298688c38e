import { Float, Int, ObjectType } from '@nestjs/graphql';
import { Shown } from '#doors/shown.js';
import { controlSentence, countHeld } from './domain/controls.js';
import type { CalibrationRow, ControlsRow, VoidRow } from './run-tables.js';

/** One figure of a control: what a sound evaluator gives, and what this one gave. */
@ObjectType('ControlFigure')
export class ControlFigureView {
  @Shown(() => String, {
    description: 'positive, negative, honeypot, null, identity, batch-order, batch-position or padding',
  })
  readonly control!: string;
  @Shown(() => String, { description: 'the weights it ran: echo and uniform are constructed, or candidate, champion' })
  readonly model!: string;
  @Shown(() => Int)
  readonly items!: number;
  @Shown(() => Int)
  readonly scoredBytes!: number;
  @Shown(() => String, { description: 'right-answers, nats-per-byte, nats-gained or differing-items' })
  readonly statistic!: string;
  @Shown(() => String, { description: 'how `seen` must stand to `expected`: exactly or at-most' })
  readonly relation!: string;
  @Shown(() => Float)
  readonly expected!: number;
  @Shown(() => Float, { nullable: true, description: 'null when it is not finite' })
  readonly seen!: number | null;
  @Shown(() => Boolean)
  readonly held!: boolean;
}

/** What the primary evaluator gave where the right answer is known beforehand. */
@ObjectType('Controls')
export class ControlsView {
  @Shown(() => String)
  readonly evaluator!: string;
  @Shown(() => Int, { description: 'controls all of whose figures are as expected' })
  readonly held!: number;
  @Shown(() => Int, { description: 'controls that were shown' })
  readonly checked!: number;
  @Shown(() => String, {
    isArray: true,
    description: 'which control failed, what was seen and what was expected, a sentence each; empty when all held',
  })
  readonly failed!: readonly string[];
  @Shown(() => ControlFigureView, { isArray: true })
  readonly figures!: readonly ControlFigureView[];
  @Shown(() => Int, { description: 'position of the ControlsChecked' })
  readonly position!: number;
}

/** An evaluation of which nothing is scored: its candidate is rejected for missing evidence. */
@ObjectType('EvaluationVoid')
export class VoidView {
  @Shown(() => String)
  readonly evaluator!: string;
  @Shown(() => String, {
    description: 'control: it failed one; else it gave no answer: timed-out, crashed, blank or constant',
  })
  readonly cause!: string;
  @Shown(() => String)
  readonly reason!: string;
  @Shown(() => Int, { description: 'position of the EvaluationVoided' })
  readonly position!: number;
}

/** How sure one model is of the same documents, and how rightly; a figure is null when it is not finite. */
@ObjectType('CalibrationFigures')
export class CalibrationFiguresView {
  @Shown(() => String, { description: 'SHA-256 of the weights' })
  readonly checkpoint!: string;
  @Shown(() => String)
  readonly suite!: string;
  @Shown(() => String)
  readonly evaluator!: string;
  @Shown(() => Int)
  readonly documents!: number;
  @Shown(() => Int)
  readonly scoredBytes!: number;
  @Shown(() => Float, {
    nullable: true,
    description: 'expected calibration error, 0 to 1: how far confidence stands from the share of right answers',
  })
  readonly ece!: number | null;
  @Shown(() => Float, {
    nullable: true,
    description: 'squared distance of the probabilities from the right byte, 0 to 2: what a rule compares',
  })
  readonly brier!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly nllNatsPerByte!: number | null;
  @Shown(() => Float, {
    nullable: true,
    description: 'area under the risk-coverage curve, 0 to 1: share of wrong answers among the surest, averaged',
  })
  readonly aurc!: number | null;
  @Shown(() => Float, {
    nullable: true,
    description: 'share of the right bytes that the prediction sets hold, 0 to 1; 0.9 is asked of them',
  })
  readonly coverage!: number | null;
  @Shown(() => Float, { nullable: true, description: 'bytes in a prediction set' })
  readonly setSizeMean!: number | null;
  @Shown(() => Int, { description: 'position of the CalibrationMeasured' })
  readonly position!: number;
}

/** Candidate and anchor on the same documents. */
@ObjectType('Calibration')
export class CalibrationView {
  @Shown(() => CalibrationFiguresView, { nullable: true })
  readonly candidate!: CalibrationFiguresView | null;
  @Shown(() => CalibrationFiguresView, { nullable: true })
  readonly anchor!: CalibrationFiguresView | null;
}

export const controlsOf = ({ evaluator, figures, position }: ControlsRow): ControlsView => ({
  evaluator,
  ...countHeld(figures),
  failed: figures.filter(({ held }) => !held).map(controlSentence),
  figures,
  position,
});

export const voidOf = ({ evaluator, cause, reason, position }: VoidRow): VoidView => ({
  evaluator,
  cause,
  reason,
  position,
});

const calibrationFiguresOf = (row: CalibrationRow): CalibrationFiguresView => ({
  checkpoint: row.checkpoint,
  suite: row.suite,
  evaluator: row.evaluator,
  documents: row.documents,
  scoredBytes: row.scored_bytes,
  ece: row.ece,
  brier: row.brier,
  nllNatsPerByte: row.nll_nats_per_byte,
  aurc: row.aurc,
  coverage: row.coverage,
  setSizeMean: row.set_size_mean,
  position: row.position,
});

/** Null where nothing was measured. */
export const calibrationOf = (rows: readonly CalibrationRow[]): CalibrationView | null => {
  const of = (subject: CalibrationRow['subject']): CalibrationFiguresView | null => {
    const found = rows.find((row) => row.subject === subject);
    return found ? calibrationFiguresOf(found) : null;
  };
  return rows.length === 0 ? null : { candidate: of('candidate'), anchor: of('anchor') };
};
