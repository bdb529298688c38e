import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Gateway, type Tls } from '#gateway/gateway.js';
import { LOCAL_RIGHTS, type Identity } from '#doors/allow.js';
import type { Log } from '#ledger/log.js';
import { CountedIds } from '#store/counted-ids.js';
import { GroupFile } from '#store/group-file.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { SystemClock } from '#store/system-clock.js';

const ids = new CountedIds(0x6a7e_0000);

type Serving = Readonly<{ log?: Log; port?: number; tls?: Tls; admit?: (token?: string) => Promise<Identity> }>;

/** A log in a folder of its own behind a gateway, and the unmodified client in front of it. */
export class ServedGateway {
  private readonly clients: EventStoreDBClient[] = [];

  private constructor(
    readonly log: Log,
    public gateway: Gateway,
    readonly folder: string,
    private readonly serving: Serving,
  ) {}

  static async start(serving: Serving = {}): Promise<ServedGateway> {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
    const log = serving.log ?? (await LmdbLog.open(folder));
    return new ServedGateway(log, await ServedGateway.serve(log, folder, serving), folder, serving);
  }

  private static serve(log: Log, folder: string, { port = 0, tls, admit }: Serving): Promise<Gateway> {
    return Gateway.start(
      { host: '127.0.0.1', port, ...(tls && { tls }) },
      { log, clock: new SystemClock(), ids, book: new GroupFile(join(folder, 'groups.json')) },
      admit ?? (async () => ({ id: 'anybody', roles: LOCAL_RIGHTS })),
    );
  }

  client(words = 'tls=false', who = ''): EventStoreDBClient {
    const client = EventStoreDBClient.connectionString(`esdb://${who}localhost:${this.gateway.port}?${words}`);
    this.clients.push(client);
    return client;
  }

  /** The gateway stops, and comes back on the same port over the same log. */
  async restart(meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
    const { port } = this.gateway;
    await this.gateway.stop();
    await meanwhile();
    this.gateway = await ServedGateway.serve(this.log, this.folder, { ...this.serving, port });
  }

  async stop(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.dispose()));
    await this.gateway.stop();
    await this.log.close();
    await rm(this.folder, { recursive: true });
  }
}
