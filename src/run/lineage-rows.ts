import type { Kysely } from 'kysely';
import { constitutionStream } from '#constitution/domain/constitution.js';
import { constitutionEvents } from '#constitution/domain/events.js';
import type { ReadModel, Rows, Sql } from '#doors/read-model.js';
import { decode } from '#ledger/ledger.js';
import type { Recorded } from '#ledger/log.js';
import type { RunEvent } from './domain/events.js';
import { runEntry, type RunEntry } from './run-tables.js';

export type PlanRow = Readonly<{
  position: number;
  constitution: string;
  version: number;
  alpha: number;
  k_max: number;
}>;

/** update: from its parent by a cycle; rescue: half way from its rejected parent to the champion; base: from the fresh weights of a seed; given: brought along. */
export type Made = 'update' | 'rescue' | 'base' | 'given';
export type OriginRow = Readonly<{
  position: number;
  run: string;
  cycle: number;
  checkpoint: string;
  parent: string | null;
  made: Made;
  replayable: boolean | null;
}>;

export type ResetRow = Readonly<{
  position: number;
  run: string;
  root: string;
  anchor: string;
  reason: string;
  signers: readonly string[];
  recorded_at: string;
}>;

type Tables = { constitution_plans: PlanRow; checkpoint_origins: OriginRow; anchor_resets: ResetRow };
export const lineageTables = (sql: Sql): Kysely<Tables> => sql.db.withTables<Tables>() as Kysely<Tables>;

const CONSTITUTIONS = `${constitutionStream.name}-`;

const plan = ({ position, record }: Recorded): Rows => {
  const { version, document } = decode(constitutionEvents, record).data;
  const { alpha, kMax } = document.alphaPlan;
  const constitution = record.stream.slice(CONSTITUTIONS.length);
  return { constitution_plans: [{ position, constitution, version, alpha, k_max: kMax }] };
};

const reset = (event: Extract<RunEvent, { type: 'AnchorReset' }>, row: RunEntry['row']): Rows => {
  const { root, anchor, reason, signatures } = event.data;
  return { anchor_resets: [{ ...row, root, anchor, reason, signers: signatures.map(({ name }) => name) }] };
};

const origin = (event: RunEvent, row: RunEntry['row']): Rows => {
  const { position, run } = row;
  if (event.type === 'UpdateProduced') {
    const { cycle, candidate: checkpoint, replayable } = event.data;
    const [made, parent] = cycle === 0 ? ['base', null] : ['update', event.data.parent];
    return { checkpoint_origins: [{ position, run, cycle, checkpoint, parent, made, replayable }] };
  }
  if (event.type === 'AnchorReset') return reset(event, row);
  if (event.type === 'CandidateInterpolated') {
    const { cycle, candidate: checkpoint, parent } = event.data;
    return { checkpoint_origins: [{ position, run, cycle, checkpoint, parent, made: 'rescue', replayable: true }] };
  }
  if (event.type !== 'AnchorEstablished' || event.data.source !== 'given') return {};
  const { checkpoint } = event.data;
  return {
    checkpoint_origins: [{ position, run, cycle: 0, checkpoint, parent: null, made: 'given', replayable: null }],
  };
};

/** Where each checkpoint comes from, how much alpha each constitution plans, and where lineages start anew. */
export const lineageReadModel: ReadModel = {
  name: 'lineage',
  version: 2,
  tables: ['constitution_plans', 'checkpoint_origins', 'anchor_resets'],
  rows: (entry) => {
    if (entry.record.stream.startsWith(CONSTITUTIONS)) return plan(entry);
    const found = runEntry(entry);
    return found ? origin(found.event, found.row) : {};
  },
};
