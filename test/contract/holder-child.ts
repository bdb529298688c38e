import { createInterface } from 'node:readline';
import { RandomIds } from '#store/random-ids.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { fresh } from './proposing.js';

const ids = new RandomIds();
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

try {
  const log = await LmdbLog.open(process.argv[2] ?? '');
  say('opened');
  for await (const _ of createInterface({ input: process.stdin })) {
    await log.append('held', 'any', [{ ...fresh(), id: ids.next() }]);
    say('appended');
  }
} catch (error) {
  say((error as Error).name);
  process.exitCode = 1;
}
