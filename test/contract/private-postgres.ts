import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PostgresSql } from '#store/sql-postgres.js';

const DEBIAN = '/usr/lib/postgresql';

const programs = (): string | undefined =>
  existsSync(DEBIAN)
    ? readdirSync(DEBIAN)
        .map((version) => join(DEBIAN, version, 'bin'))
        .filter((folder) => existsSync(join(folder, 'initdb')))
        .at(-1)
    : undefined;

const bin = programs();
const given = process.env['DATABASE_URL'];

/** Why no server can be started here; undefined when one can. */
export const noServer = bin === undefined ? "Debian's package postgresql is not installed" : undefined;
/** Why there is no PostgreSQL to test with; undefined when there is. */
export const noPostgres = noServer && given === undefined ? `${noServer}, and DATABASE_URL is not set` : undefined;

/** A server refuses to run as root, so root lends it another user's rights. */
const user = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string, name: string) =>
    Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
  const name = spawnSync('id', ['postgres']).status === 0 ? 'postgres' : 'nobody';
  return { uid: id('-u', name), gid: id('-g', name) };
};

/** A PostgreSQL server of the tests' own, reached by a socket in its folder; or the one that DATABASE_URL names. */
export class PrivatePostgres {
  private constructor(
    readonly url: string,
    private readonly server: ChildProcess | undefined,
    private readonly folder: string | undefined,
  ) {}

  /** @param isDurable whether it flushes what it commits, which costs tests time; then nobody else's server will do */
  static async start({ isDurable = false }: { isDurable?: boolean } = {}): Promise<PrivatePostgres> {
    if (isDurable && noServer) throw new Error(noServer);
    if (bin === undefined) return new PrivatePostgres(given ?? '', undefined, undefined);
    const as = user();
    const folder = mkdtempSync(join(tmpdir(), 'pg-'));
    if (as) chownSync(folder, as.uid, as.gid);
    const data = join(folder, 'data');
    execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'ledger', '-A', 'trust', '-N', '--no-locale', '-E', 'UTF8'], {
      ...as,
      cwd: folder,
      stdio: 'ignore',
    });
    const flushing = ['-c', `fsync=${isDurable ? 'on' : 'off'}`];
    const words = ['-D', data, '-k', folder, '-c', 'listen_addresses=', ...flushing];
    const server = spawn(join(bin, 'postgres'), words, { ...as, cwd: folder, stdio: 'ignore' });
    const started = new PrivatePostgres(`postgres:///postgres?host=${folder}&user=ledger`, server, folder);
    await started.ready();
    return started;
  }

  /** The server's first process; undefined where the server is somebody else's. */
  get pid(): number | undefined {
    return this.server?.pid;
  }

  /** Resolves when the server answers. */
  async ready(): Promise<void> {
    for (;;) {
      const probe = new PostgresSql(this.url, { schema: 'probe' });
      const answers = await probe.claim().then(
        () => true,
        () => false,
      );
      await probe.close();
      if (answers) return;
      if (this.server?.exitCode !== null && this.server) throw new Error('the PostgreSQL server of the tests ended');
      await pause(50);
    }
  }

  async stop(): Promise<void> {
    if (this.server?.exitCode === null) {
      this.server.kill('SIGINT');
      await once(this.server, 'exit');
    }
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }
}
