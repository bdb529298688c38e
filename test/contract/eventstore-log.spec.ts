import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_RIGHTS } from '#doors/allow.js';
import { Gateway } from '#gateway/gateway.js';
import { CountedIds } from '#store/counted-ids.js';
import { EventStoreLog } from '#store/eventstore-log.js';
import { GroupFile } from '#store/group-file.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { SystemClock } from '#store/system-clock.js';
import { logContract } from './log.contract.js';

let folder = '';
let embedded: LmdbLog;
let gateway: Gateway;

logContract(
  'the log through the client of an event store, over a gateway,',
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'log-'));
    embedded = await LmdbLog.open(folder);
    const served = {
      log: embedded,
      clock: new SystemClock(),
      ids: new CountedIds(),
      book: new GroupFile(join(folder, 'groups.json')),
    };
    const admit = async () => ({ id: 'contract', roles: LOCAL_RIGHTS });
    gateway = await Gateway.start({ host: '127.0.0.1', port: 0 }, served, admit);
    return EventStoreLog.open(`esdb://127.0.0.1:${gateway.port}?tls=false`);
  },
  async () => {
    await gateway.stop();
    await embedded.close();
    await rm(folder, { recursive: true });
  },
);

const address = process.env['EVENTSTORE_URL'];
const name = 'the log in a cluster of its own';
if (address === undefined) it.skip(`${name} [skipped: EVENTSTORE_URL is not set]`, () => undefined);
else {
  let opened = 0;
  logContract(
    name,
    async () => EventStoreLog.open(address, { prefix: `test-${process.pid}-${Date.now()}-${(opened += 1)}-` }),
    async () => undefined,
  );
}
