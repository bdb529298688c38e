import { join } from 'node:path';

/** Where the parts of a data folder are. */
export type DataFolder = Readonly<{ log: string; artifacts: string; seal: string; views: string }>;

export const dataFolder = (data: string): DataFolder => ({
  log: join(data, 'log'),
  artifacts: join(data, 'artifacts'),
  seal: join(data, 'seal'),
  views: join(data, 'views'),
});
