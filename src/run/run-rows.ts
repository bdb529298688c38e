import type { ReadModel, Rows } from '#doors/read-model.js';
import type { Recorded } from '#ledger/log.js';
import type { RunEvent } from './domain/events.js';
import { sentenceOf } from './domain/event-sentence.js';
import { CAPABILITY_METRIC, GENERAL_METRIC } from './domain/evidence.js';
import { isInterruption } from './domain/cycle.js';
import { runEntry, type RunEntry, type RunStatus, type Via } from './run-tables.js';

type Row = RunEntry['row'];
type Columns = Readonly<Record<string, unknown>>;
type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['data'];

const status = (row: Row, now: RunStatus, said: Partial<Of<'RunHalted'>> = {}): Rows => ({
  run_statuses: [{ ...row, status: now, reason: said.reason ?? null, requester: said.requester ?? null }],
});

const champion = ({ record }: Recorded, row: Row, via: Via, found: Columns): Rows => ({
  run_champions: [{ ...row, revision: record.revision, type: record.type, via, ...found }],
});

const lifecycle = (entry: Recorded, event: RunEvent, row: Row): Rows | undefined => {
  switch (event.type) {
    case 'RunStarted': {
      const { config, lineage } = event.data;
      return { run_starts: [{ ...row, root: lineage.root, config }], ...status(row, 'running') };
    }
    case 'RunHalted':
      return status(row, 'halted', event.data);
    case 'RunResumed':
      return status(row, 'running', event.data);
    case 'RunCompleted':
      return status(row, 'completed');
    case 'AnchorEstablished':
      return champion(entry, row, 'anchor', { checkpoint: event.data.checkpoint });
    case 'CandidatePromoted': {
      const { cycle, champion: checkpoint, predecessor } = event.data;
      return champion(entry, row, 'promotion', { cycle, checkpoint, predecessor });
    }
    case 'ChampionRolledBack': {
      const { from, to, reason } = event.data;
      return champion(entry, row, 'rollback', { checkpoint: to, predecessor: from, reason });
    }
    default:
      return undefined;
  }
};

const proposed = (data: Of<'CycleProposed'>, row: Row): Rows => {
  const { cycle, allocation } = data;
  const { policy, weightsPpm, scores } = allocation;
  const domains = Object.entries(weightsPpm).map(([domain, ppm]) => ({
    position: row.position,
    run: row.run,
    cycle,
    policy,
    domain,
    ppm,
    score: scores[domain] ?? null,
  }));
  return { run_proposals: [{ ...row, cycle, policy, data }], run_allocations: domains };
};

// The rows of frequent events are written out: spreading one object into another takes ten times as long.

const STAGES = {
  UpdateRequested: 'requested',
  UpdateStarted: 'started',
  UpdateProduced: 'produced',
  UpdateAborted: 'aborted',
} as const;

const update = (event: Extract<RunEvent, { type: keyof typeof STAGES }>, { position, run, recorded_at }: Row): Rows => {
  const { type, data } = event;
  const { cycle, env } = data;
  const ends = type === 'UpdateAborted' && !isInterruption(data);
  return {
    run_updates: [{ position, run, recorded_at, cycle, attempt: env.attempt, stage: STAGES[type], ends, data }],
  };
};

/** A candidate that was computed in place of an update. */
const interpolation = (data: Of<'CandidateInterpolated'>, { position, run, recorded_at }: Row): Rows => {
  const { cycle } = data;
  return { run_updates: [{ position, run, recorded_at, cycle, attempt: 1, stage: 'interpolated', ends: false, data }] };
};

const probe = (data: Of<'ProbesRecorded'>, { position, run, recorded_at }: Row): Rows => ({
  run_probes: [
    {
      position,
      run,
      recorded_at,
      cycle: data.cycle,
      subject: data.subject,
      role: data.role,
      checkpoint: data.checkpoint,
      suite: data.suite,
      evaluator: data.evaluator,
      queries_left: data.queriesLeft,
      items: data.items,
      scored_bytes: data.scoredBytes,
      correct: data.correct,
      capability: data.metrics[CAPABILITY_METRIC] ?? null,
      general_bits_per_byte: data.metrics[GENERAL_METRIC] ?? null,
    },
  ],
});

const drift = (data: Of<'DriftMeasured'>, { position, run, recorded_at }: Row): Rows => {
  const { cycle, checkpoint, metric, value, unit, reference, threshold, alarm } = data;
  return {
    run_drift: [{ position, run, recorded_at, cycle, checkpoint, metric, value, unit, reference, threshold, alarm }],
  };
};

const calibration = (data: Of<'CalibrationMeasured'>, { position, run }: Row): Rows => ({
  run_calibrations: [
    {
      position,
      run,
      cycle: data.cycle,
      subject: data.subject,
      checkpoint: data.checkpoint,
      suite: data.suite,
      evaluator: data.evaluator,
      documents: data.documents,
      scored_bytes: data.scoredBytes,
      ece: data.ece,
      brier: data.brier,
      nll_nats_per_byte: data.nllNatsPerByte,
      aurc: data.aurc,
      coverage: data.coverage,
      set_size_mean: data.setSizeMean,
    },
  ],
});

const ofCycle = ({ record }: Recorded, event: RunEvent, row: Row): Rows => {
  switch (event.type) {
    case 'CycleProposed':
      return proposed(event.data, row);
    case 'CycleRefused':
      return { run_refusals: [{ ...row, ...event.data }] };
    case 'UpdateRequested':
    case 'UpdateStarted':
    case 'UpdateProduced':
    case 'UpdateAborted':
      return update(event, row);
    case 'CandidateInterpolated':
      return interpolation(event.data, row);
    case 'ProbesRecorded':
      return probe(event.data, row);
    case 'ShadowCompared': {
      const { position, run } = row;
      return { run_shadows: [{ position, run, cycle: event.data.cycle, data: event.data }] };
    }
    case 'ControlsChecked': {
      const { cycle, evaluator, controls: figures } = event.data;
      return { run_controls: [{ position: row.position, run: row.run, cycle, evaluator, figures }] };
    }
    case 'EvaluationVoided': {
      const { cycle, evaluator, cause, reason } = event.data;
      return { run_voids: [{ position: row.position, run: row.run, cycle, evaluator, cause, reason }] };
    }
    case 'DriftMeasured':
      return drift(event.data, row);
    case 'CalibrationMeasured':
      return calibration(event.data, row);
    case 'VerdictReached': {
      const { cycle, candidate, verdict, alphaSpent, alphaLeft } = event.data;
      const found = { revision: record.revision, cycle, candidate, verdict, data: event.data };
      return { run_verdicts: [{ ...row, ...found, alpha_spent: alphaSpent, alpha_left: alphaLeft }] };
    }
    default:
      return {};
  }
};

const told = ({ record }: Recorded, event: RunEvent, { position, run, recorded_at }: Row): Columns => ({
  position,
  run,
  recorded_at,
  revision: record.revision,
  id: record.id,
  type: record.type,
  version: record.version,
  actor_kind: record.actor.kind,
  actor_id: record.actor.id,
  cycle: 'cycle' in event.data ? event.data.cycle : null,
  causation_id: record.causationId,
  correlation_id: record.correlationId,
  sentence: sentenceOf(event),
});

/** Everything that is asked about runs, one row or a few for each of their events. */
export const runReadModel: ReadModel = {
  name: 'run',
  version: 3,
  tables: [
    'run_starts',
    'run_statuses',
    'run_champions',
    'run_proposals',
    'run_refusals',
    'run_allocations',
    'run_updates',
    'run_probes',
    'run_shadows',
    'run_controls',
    'run_voids',
    'run_drift',
    'run_calibrations',
    'run_verdicts',
    'run_events',
  ],
  rows: (entry) => {
    const found = runEntry(entry);
    if (!found) return {};
    const { event, row } = found;
    return Object.assign(
      { run_events: [told(entry, event, row)] },
      lifecycle(entry, event, row) ?? ofCycle(entry, event, row),
    );
  },
};
