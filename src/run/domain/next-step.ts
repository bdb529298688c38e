import { rescueDue, stallDue } from './adaptation.js';
import { alarmed } from './alarm.js';
import type { DataOf } from './events.js';
import type { Subject } from './evidence-events.js';
import { candidateIn, isClosed, type Cycle } from './cycle.js';
import { cycleOf, lastCycle, type Run, type Started } from './run.js';

/** Whose calibration is measured: a rule holds the candidate's against the anchor's. */
export type Calibrated = DataOf<'CalibrationMeasured'>['subject'];
const CALIBRATED: readonly Calibrated[] = ['candidate', 'anchor'];

/** What a run needs next. A pure function of its events, so a run resumes after a crash exactly where it was. */
export type Step =
  | Readonly<{ kind: 'train'; cycle: number }>
  | Readonly<{ kind: 'establish-anchor' }>
  | Readonly<{ kind: 'scout'; cycle: number }>
  | Readonly<{ kind: 'propose'; cycle: number }>
  | Readonly<{ kind: 'rescue'; cycle: number }>
  | Readonly<{ kind: 'back-off'; cycle: number }>
  | Readonly<{ kind: 'stall' }>
  | Readonly<{ kind: 'answer-alarm' }>
  | Readonly<{ kind: 'end-drill' }>
  | Readonly<{ kind: 'probe'; cycle: number; subject: Subject; role: 'gate' | 'shadow' }>
  | Readonly<{ kind: 'check-controls'; cycle: number }>
  | Readonly<{ kind: 'compare-shadow'; cycle: number }>
  | Readonly<{ kind: 'compare-reference'; cycle: number }>
  | Readonly<{ kind: 'measure-drift'; cycle: number }>
  | Readonly<{ kind: 'measure-calibration'; cycle: number; subject: Calibrated }>
  | Readonly<{ kind: 'judge'; cycle: number }>
  | Readonly<{ kind: 'verify-rollback' }>
  | Readonly<{ kind: 'open-look' }>
  | Readonly<{ kind: 'report'; checkpoint: string }>
  | Readonly<{ kind: 'complete' }>
  | Readonly<{ kind: 'rest' }>;

/** The evidence a candidate is judged by: quality against the anchor, capability against the champion. */
const PROBES: readonly Readonly<{ subject: Subject; role: 'gate' | 'shadow' }>[] = [
  { subject: 'candidate', role: 'gate' },
  { subject: 'anchor', role: 'gate' },
  { subject: 'candidate', role: 'shadow' },
  { subject: 'champion', role: 'shadow' },
];

const probed = (cycle: Cycle, subject: Subject, role: string): boolean =>
  cycle.probes.some((probe) => probe.subject === subject && probe.role === role);

/** Whether everything that a candidate is judged by was shown to those it is judged against. */
export const isProbed = (cycle: Cycle): boolean => PROBES.every(({ subject, role }) => probed(cycle, subject, role));

/** Whether the allocation has seen the very champion that would be trained: a rollback may have come in between. */
const scouted = (cycle: Cycle, champion: string | undefined): boolean =>
  cycle.probes.some(({ role, checkpoint }) => role === 'scout' && checkpoint === champion);

const stepInside = (open: Cycle, { evaluation }: Started['config']): Step => {
  const { cycle } = open;
  if (!candidateIn(open)) return { kind: 'train', cycle };
  if (open.voided) return { kind: 'judge', cycle };
  const missing = PROBES.find(({ subject, role }) => !probed(open, subject, role));
  if (missing) return { kind: 'probe', cycle, ...missing };
  if (evaluation.controlBlocks > 0 && !open.controls) return { kind: 'check-controls', cycle };
  if (!open.shadow) return { kind: 'compare-shadow', cycle };
  if (evaluation.referenceItems > 0 && !open.reference) return { kind: 'compare-reference', cycle };
  if (open.drift.length === 0) return { kind: 'measure-drift', cycle };
  const uncalibrated = CALIBRATED.find((subject) => !open.calibration.some((measured) => measured.subject === subject));
  if (evaluation.calibrationDocuments > 0 && uncalibrated)
    return { kind: 'measure-calibration', cycle, subject: uncalibrated };
  return { kind: 'judge', cycle };
};

const stepAtEnd = (run: Started): Step => {
  if (!run.look) return { kind: 'open-look' };
  const unseen = run.look.checkpoints.find((hash) => !run.reported.some((probe) => probe.checkpoint === hash));
  return unseen ? { kind: 'report', checkpoint: unseen } : { kind: 'complete' };
};

export const nextStep = (run: Started): Step => {
  if (run.unverifiedRollback) return { kind: 'verify-rollback' };
  if (run.drilledFrom !== undefined) return { kind: 'end-drill' };
  if (run.status !== 'running') return { kind: 'rest' };
  if (!run.anchor) {
    if (cycleOf(run, 0).aborted) return { kind: 'rest' };
    if (run.config.base.kind === 'train' && !cycleOf(run, 0).produced) return { kind: 'train', cycle: 0 };
    return { kind: 'establish-anchor' };
  }
  if (alarmed(run)) return { kind: 'answer-alarm' };
  const last = cycleOf(run, lastCycle(run));
  if (last.proposal && !isClosed(last)) return stepInside(last, run.config);
  if (run.look) return stepAtEnd(run);
  const cycle = last.cycle > 0 && !isClosed(last) ? last.cycle : last.cycle + 1;
  if (cycle > run.config.cycles) return stepAtEnd(run);
  if (rescueDue(run)) return { kind: 'rescue', cycle };
  const stalled = stallDue(run);
  if (stalled) return stalled === 'back-off' ? { kind: 'back-off', cycle } : { kind: 'stall' };
  if (!scouted(cycleOf(run, cycle), run.champion)) return { kind: 'scout', cycle };
  return { kind: 'propose', cycle };
};

/** Whether nothing is left to do: the run completed, was halted, or its base could not be trained. */
export const isAtRest = (run: Run): run is Started => run.status !== 'absent' && nextStep(run).kind === 'rest';

/** The checkpoints of the report's curve: the anchor, then the candidate of every cycle, accepted or not. */
export const checkpointsToReport = (run: Started): readonly string[] => {
  const hashes = [run.anchor?.checkpoint, ...run.cycles.filter(({ cycle }) => cycle > 0).map(candidateIn)];
  return [...new Set(hashes.filter((hash) => hash !== undefined))];
};
