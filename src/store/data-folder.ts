import { join } from 'node:path';

/** Where the parts of a data folder are; `tlog` may be served to anybody who may read the log, the key to nobody. */
export type DataFolder = Readonly<{
  log: string;
  eventStore: string;
  groups: string;
  artifacts: string;
  tlog: string;
  notaryKey: string;
  views: string;
  /** How far the log was verified, for a verification that goes on from there. */
  verified: string;
}>;

export const dataFolder = (data: string): DataFolder => ({
  log: join(data, 'log'),
  eventStore: join(data, 'eventstore'),
  groups: join(data, 'groups.json'),
  artifacts: join(data, 'artifacts'),
  tlog: join(data, 'tlog'),
  notaryKey: join(data, 'notary', 'key'),
  views: join(data, 'views'),
  verified: join(data, 'verified.json'),
});
