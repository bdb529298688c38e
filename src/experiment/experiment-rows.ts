import type { Kysely } from 'kysely';
import { corpusEvents } from '#corpus/domain/events.js';
import type { ReadModel, Sql } from '#doors/read-model.js';
import { decode } from '#ledger/ledger.js';
import { runEvents } from '#run/domain/events.js';
import { runStream } from '#run/domain/run.js';
import { factOf, type Fact } from './domain/fact.js';

export type FactRow = Readonly<{ position: number; run: string; kind: Fact['kind']; fact: Fact }>;
export type TextRow = Readonly<{ position: number; corpus: string; train_bytes: number }>;

type Tables = { experiment_facts: FactRow; experiment_texts: TextRow };
export const experimentTables = (sql: Sql): Kysely<Tables> => sql.db.withTables<Tables>() as Kysely<Tables>;

const RUNS = `${runStream.name}-`;

/** What each event of a run says about its curves, and how much text there is to learn from. */
export const experimentReadModel: ReadModel = {
  name: 'experiment',
  version: 3,
  tables: ['experiment_facts', 'experiment_texts'],
  rows: ({ position, record }) => {
    if (record.stream.startsWith(RUNS)) {
      const fact = factOf(decode(runEvents, record));
      const run = record.stream.slice(RUNS.length);
      return fact ? { experiment_facts: [{ position, run, kind: fact.kind, fact }] } : {};
    }
    if (record.type !== 'CorpusRegistered') return {};
    const { corpus, splits } = decode(corpusEvents, record).data;
    return { experiment_texts: [{ position, corpus, train_bytes: splits.train.bytes }] };
  },
};
