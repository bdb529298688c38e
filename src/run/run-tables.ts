import type { Kysely } from 'kysely';
import type { Sql } from '#doors/read-model.js';
import type { Reason } from '#constitution/domain/verdict.js';
import { decode } from '#ledger/ledger.js';
import type { Recorded } from '#ledger/log.js';
import { runEvents, type DataOf, type RunEvent } from './domain/events.js';
import { runStream } from './domain/run.js';

type Row = Readonly<{ position: number; run: string; recorded_at: string }>;
type OfCycle = Row & Readonly<{ cycle: number }>;

export type StartRow = Row & Readonly<{ root: string; config: DataOf<'RunStarted'>['config'] }>;
export type StatusRow = Row & Readonly<{ status: RunStatus; reason: string | null; requester: string | null }>;
export type ChampionRow = Row &
  Readonly<{
    revision: number;
    type: string;
    via: Via;
    cycle: number | null;
    checkpoint: string;
    predecessor: string | null;
    reason: string | null;
  }>;
export type ProposalRow = OfCycle & Readonly<{ policy: string; data: DataOf<'CycleProposed'> }>;
export type RefusalRow = OfCycle & Readonly<{ violations: DataOf<'CycleRefused'>['violations'] }>;
export type AllocationRow = Omit<OfCycle, 'recorded_at'> &
  Readonly<{ policy: string; domain: string; ppm: number; score: number | null }>;
export type UpdateRow = OfCycle &
  Readonly<{
    attempt: number;
    stage: 'requested' | 'started' | 'produced' | 'aborted' | 'interpolated';
    ends: boolean;
    data: Partial<
      DataOf<'UpdateStarted'> & DataOf<'UpdateProduced'> & DataOf<'UpdateAborted'> & DataOf<'CandidateInterpolated'>
    >;
  }>;
export type ProbeRow = OfCycle &
  Readonly<{
    subject: string;
    role: string;
    checkpoint: string;
    suite: string;
    evaluator: string;
    queries_left: number;
    items: number;
    scored_bytes: number;
    correct: number;
    capability: number | null;
    general_bits_per_byte: number | null;
  }>;
export type ShadowRow = Omit<OfCycle, 'recorded_at'> & Readonly<{ data: DataOf<'ShadowCompared'> }>;
export type ControlsRow = Omit<OfCycle, 'recorded_at'> &
  Readonly<{ evaluator: string; figures: DataOf<'ControlsChecked'>['controls'] }>;
export type VoidRow = Omit<OfCycle, 'recorded_at'> & Readonly<{ evaluator: string; cause: string; reason: string }>;
export type CalibrationRow = Omit<OfCycle, 'recorded_at'> &
  Readonly<{
    subject: DataOf<'CalibrationMeasured'>['subject'];
    checkpoint: string;
    suite: string;
    evaluator: string;
    documents: number;
    scored_bytes: number;
    ece: number | null;
    brier: number | null;
    nll_nats_per_byte: number | null;
    aurc: number | null;
    coverage: number | null;
    set_size_mean: number | null;
  }>;
export type DriftRow = OfCycle &
  Readonly<{
    checkpoint: string;
    metric: string;
    value: number | null;
    unit: string;
    reference: string;
    threshold: number | null;
    alarm: boolean;
  }>;
export type VerdictRow = OfCycle &
  Readonly<{
    revision: number;
    candidate: string;
    verdict: Outcome;
    alpha_spent: number;
    alpha_left: number;
    data: DataOf<'VerdictReached'> & Readonly<{ reasons: readonly Reason[] }>;
  }>;
export type EventRow = Row &
  Readonly<{
    revision: number;
    id: string;
    type: string;
    version: number;
    actor_kind: string;
    actor_id: string;
    cycle: number | null;
    causation_id: string;
    correlation_id: string;
    sentence: string;
  }>;

export type RunStatus = 'running' | 'halted' | 'completed';
export type Via = 'anchor' | 'promotion' | 'rollback';
export type Outcome = 'ACCEPT' | 'REJECT' | 'INCONCLUSIVE';

export type RunTables = {
  run_starts: StartRow;
  run_statuses: StatusRow;
  run_champions: ChampionRow;
  run_proposals: ProposalRow;
  run_refusals: RefusalRow;
  run_allocations: AllocationRow;
  run_updates: UpdateRow;
  run_probes: ProbeRow;
  run_shadows: ShadowRow;
  run_controls: ControlsRow;
  run_voids: VoidRow;
  run_calibrations: CalibrationRow;
  run_drift: DriftRow;
  run_verdicts: VerdictRow;
  run_events: EventRow;
};

export const runTables = (sql: Sql): Kysely<RunTables> => sql.db.withTables<RunTables>() as Kysely<RunTables>;

const PREFIX = `${runStream.name}-`;

/** An event of a run with what every row of it begins with; undefined for other streams' records. */
export type RunEntry = Readonly<{ event: RunEvent; row: Row }>;

/** Several read models ask for the same entry; it is decoded once. */
const decoded = new WeakMap<Recorded, RunEntry>();

export const runEntry = (entry: Recorded): RunEntry | undefined => {
  const { position, record } = entry;
  if (!record.stream.startsWith(PREFIX)) return undefined;
  const known = decoded.get(entry);
  if (known) return known;
  const run = record.stream.slice(PREFIX.length);
  const found = { event: decode(runEvents, record), row: { position, run, recorded_at: record.recordedAt } };
  decoded.set(entry, found);
  return found;
};
