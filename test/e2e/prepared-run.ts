import { join } from 'node:path';
import { collect, Ledger } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { RandomIds } from '#store/random-ids.js';
import { SystemClock } from '#store/system-clock.js';
import { begin, smallPorts } from '../simulation/small-run.js';

/** Starts a run in a data folder that no service has open; not one step of it is done. */
export const prepareRunIn = async (data: string, file: object): Promise<string> => {
  const log = await LmdbLog.open(join(data, 'log'));
  const ports = smallPorts({ log, artifacts: new FileArtifacts(join(data, 'artifacts')) });
  try {
    const ledger = new Ledger(log, new SystemClock(), new RandomIds());
    return await begin(Object.assign(ports, { ledger }), file);
  } finally {
    await ports.shadow.close();
    await log.close();
  }
};

/** Reads a data folder beside the service that writes to it. */
export const lookInto = async <T>(data: string, look: (log: LmdbLog) => Promise<T>): Promise<T> => {
  const log = await LmdbLog.open(join(data, 'log'), { readOnly: true });
  try {
    return await look(log);
  } finally {
    await log.close();
  }
};

export const recordsIn = (data: string, stream: string): Promise<readonly Record[]> =>
  lookInto(data, (log) => collect(log.readStream(stream)));

/** Waits until the last record of a stream is as wanted; answers it. */
export const untilLast = (data: string, stream: string, is: (last: Record) => boolean): Promise<Record> =>
  lookInto(data, async (log) => {
    for (;;) {
      const [last] = await collect(log.readStream(stream, { direction: 'backward', limit: 1 }));
      if (last && is(last)) return last;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
