import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { noServer, PrivatePostgres } from '../../contract/private-postgres.js';
import { said } from './children.js';
import type { StoreName } from './stores.js';

/** A store to be measured, and the first process of its server. */
export type Peer = Readonly<{ name: StoreName; place: string; folder?: string; server?: number | undefined }>;
/** A store that is not, and why. */
export type Absent = Readonly<{ name: string; why: string }>;

/** Its packages want other versions of what this project uses, and are too much for a bench alone: 17 MB. */
const EMMETT = [
  '@event-driven-io/emmett@0.42.0',
  '@event-driven-io/emmett-postgresql@0.42.0',
  '@event-driven-io/pongo@0.16.11',
  '@event-driven-io/dumbo@0.12.7',
  'pg@8',
  'uuid@10',
];
const ON_SQLITE: Absent = {
  name: 'Emmett on SQLite',
  why: 'its 0.38.5 makes about 70 appends a second by one writer and fails by SQLITE_BUSY after some hundred',
};
const LAST_WORDS = 200;

/** Installs Emmett in a folder of its own, once. */
const installEmmett = async (): Promise<Readonly<{ folder: string } | { why: string }>> => {
  const folder = fileURLToPath(new URL('../../../bench/emmett', import.meta.url));
  if (existsSync(folder)) return { folder };
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await writeFile(`${unfinished}/package.json`, '{"private":true}\n');
  try {
    await said('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...EMMETT], unfinished);
  } catch (error) {
    return { why: `npm could not install it: ${String(error).replaceAll(/\s+/g, ' ').slice(-LAST_WORDS)}` };
  }
  await rename(unfinished, folder);
  return { folder };
};

/** What our log is measured against: a PostgreSQL server of the bench's own, which flushes, and Emmett on it. */
export class Peers {
  private constructor(
    readonly present: readonly Peer[],
    readonly absent: readonly Absent[],
    private readonly server: PrivatePostgres | undefined,
  ) {}

  static async start(): Promise<Peers> {
    if (noServer) return new Peers([], [{ name: 'PostgreSQL, and Emmett on it', why: noServer }, ON_SQLITE], undefined);
    const server = await PrivatePostgres.start({ isDurable: true });
    const at = { place: server.url, server: server.pid };
    const own: Peer = { name: 'postgres', ...at };
    const emmett = await installEmmett();
    if ('why' in emmett) return new Peers([own], [{ name: 'Emmett', why: emmett.why }, ON_SQLITE], server);
    return new Peers([own, { name: 'emmett', ...at, ...emmett }], [ON_SQLITE], server);
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }
}
