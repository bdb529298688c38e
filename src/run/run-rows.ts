import type { ReadModel, Rows } from '#doors/read-model.js';
import type { Recorded } from '#ledger/log.js';
import type { RunEvent } from './domain/events.js';
import { sentenceOf } from './domain/event-sentence.js';
import { CAPABILITY_METRIC, GENERAL_METRIC } from './domain/evidence.js';
import { isInterruption } from './domain/run.js';
import { runEntry, type RunStatus, type Via } from './run-tables.js';

type Row = Readonly<Record<string, unknown>>;
type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['data'];

const status = (row: Row, now: RunStatus, said: Partial<Of<'RunHalted'>> = {}): Rows => ({
  run_statuses: [{ ...row, status: now, reason: said.reason ?? null, requester: said.requester ?? null }],
});

const champion = ({ record }: Recorded, row: Row, via: Via, found: Row): Rows => ({
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
    position: row['position'],
    run: row['run'],
    cycle,
    policy,
    domain,
    ppm,
    score: scores[domain] ?? null,
  }));
  return { run_proposals: [{ ...row, cycle, policy, data }], run_allocations: domains };
};

const STAGES = {
  UpdateRequested: 'requested',
  UpdateStarted: 'started',
  UpdateProduced: 'produced',
  UpdateAborted: 'aborted',
} as const;

const update = (event: Extract<RunEvent, { type: keyof typeof STAGES }>, row: Row): Rows => {
  const { cycle, env } = event.data;
  const ends = event.type === 'UpdateAborted' && !isInterruption(event.data);
  return {
    run_updates: [{ ...row, cycle, attempt: env.attempt, stage: STAGES[event.type], ends, data: event.data }],
  };
};

const probe = (data: Of<'ProbesRecorded'>, row: Row): Rows => {
  const { cycle, subject, role, checkpoint, suite, evaluator, items, correct, metrics } = data;
  const measured = {
    queries_left: data.queriesLeft,
    items,
    scored_bytes: data.scoredBytes,
    correct,
    capability: metrics[CAPABILITY_METRIC] ?? null,
    general_bits_per_byte: metrics[GENERAL_METRIC] ?? null,
  };
  return { run_probes: [{ ...row, cycle, subject, role, checkpoint, suite, evaluator, ...measured }] };
};

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
    case 'ProbesRecorded':
      return probe(event.data, row);
    case 'ShadowCompared': {
      const { position, run } = row;
      return { run_shadows: [{ position, run, cycle: event.data.cycle, data: event.data }] };
    }
    case 'DriftMeasured':
      return { run_drift: [{ ...row, ...event.data }] };
    case 'VerdictReached': {
      const { cycle, candidate, verdict, alphaSpent, alphaLeft } = event.data;
      const found = { revision: record.revision, cycle, candidate, verdict, data: event.data };
      return { run_verdicts: [{ ...row, ...found, alpha_spent: alphaSpent, alpha_left: alphaLeft }] };
    }
    default:
      return {};
  }
};

const timeline = ({ record }: Recorded, event: RunEvent, row: Row): Rows => ({
  run_events: [
    {
      ...row,
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
    },
  ],
});

/** Everything that is asked about runs, one row or a few for each of their events. */
export const runReadModel: ReadModel = {
  name: 'run',
  version: 1,
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
    'run_drift',
    'run_verdicts',
    'run_events',
  ],
  rows: (entry) => {
    const found = runEntry(entry);
    if (!found) return {};
    const { event, row } = found;
    return { ...(lifecycle(entry, event, row) ?? ofCycle(entry, event, row)), ...timeline(entry, event, row) };
  },
};
