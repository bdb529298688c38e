import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { Notary } from '#audit/notary.js';
import { Signing } from '#audit/signing.js';
import { ED25519, Signer } from '#ledger/note.js';
import { SIGN_EVERY_MS } from '#publishing.js';
import { dataFolder } from '#store/data-folder.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { TileFolder } from '#store/tile-folder.js';
import { proposedBy } from './measured-event.js';

/** Where events are appended; each resolves when its event is durable. */
export type Store = Readonly<{
  append(writer: number, revision: number): Promise<unknown>;
  close(): Promise<unknown>;
}>;

export const notaryOf = (data: string): Notary =>
  new Notary(
    new TileFolder(dataFolder(data).tlog),
    async () => new Signer('bench.test/log', ED25519, Buffer.alloc(32, 1)),
  );

const streamOf = (writer: number): string => `writer-${writer}`;

/** Our log: each event is checked, canonical, indexed by stream, revision and id; beside it the tree is hashed and signed. */
const ledger = async (data: string): Promise<Store> => {
  const log = await LmdbLog.open(dataFolder(data).log);
  const signing = new Signing(notaryOf(data), log, SIGN_EVERY_MS);
  signing.start();
  return {
    append: (writer, revision) =>
      log.append(streamOf(writer), revision === 0 ? 'no-stream' : revision - 1, [proposedBy(writer, revision)]),
    close: async () => {
      await signing.stop();
      await log.close();
    },
  };
};

const EMPTY = 'drop schema public cascade; create schema public';
const TABLE = `create table bench_events (position bigserial primary key, stream text not null,
  revision integer not null, record jsonb not null, unique (stream, revision))`;
const INSERT = 'insert into bench_events (stream, revision, record) values ($1, $2, $3) returning position';

/** A table, and one INSERT for each event. */
const postgres = async (url: string, writers: number): Promise<Store> => {
  const pool = new pg.Pool({ connectionString: url, max: writers });
  await pool.query(EMPTY);
  await pool.query(TABLE);
  return {
    append: (writer, revision) => {
      const record = JSON.stringify({ ...proposedBy(writer, revision), stream: streamOf(writer), revision });
      return pool.query({ name: 'append', text: INSERT, values: [streamOf(writer), revision, record] });
    },
    close: () => pool.end(),
  };
};

/** As much of Emmett's store as is used here. */
type Emmett = Readonly<{
  appendToStream(stream: string, events: readonly unknown[], options: unknown): Promise<unknown>;
  close(): Promise<void>;
}>;

/** What the installation of Emmett in a folder offers. */
const installed = async <T>(folder: string, name: string): Promise<T> => {
  const path = createRequire(join(folder, 'package.json')).resolve(name);
  return (await import(pathToFileURL(path).href)) as T;
};

/** Emmett on PostgreSQL, as installed in a folder of its own. */
const emmett = async (url: string, writers: number, folder: string): Promise<Store> => {
  type Offers = { getPostgreSQLEventStore: (url: string, options: unknown) => Emmett };
  const { getPostgreSQLEventStore } = await installed<Offers>(folder, '@event-driven-io/emmett-postgresql');
  const pool = new pg.Pool({ connectionString: url, max: writers });
  await pool.query(EMPTY);
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } });
  return {
    append: (writer, revision) => {
      const { type, ...data } = proposedBy(writer, revision);
      const expectedStreamVersion = revision === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(revision);
      return store.appendToStream(streamOf(writer), [{ type, data }], { expectedStreamVersion });
    },
    close: async () => {
      await store.close();
      if (!pool.ended) await pool.end();
    },
  };
};

export const STORES = { ledger, postgres, emmett };
export type StoreName = keyof typeof STORES;
