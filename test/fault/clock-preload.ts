/**
 * Imported before the program under test: its clock of the day is off by as many milliseconds as a file says, which is read
 * at the start and at every SIGUSR2; a second file then says which it is. The clock that only measures, which no system lets anybody set, goes on.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const TheDate = Date;
const path = process.env['CLOCK_OFF_BY'] ?? '';
let offByMs = 0;
const look = (): void => {
  offByMs = Number(readFileSync(path, 'utf8'));
};
look();
if (isMainThread)
  process.on('SIGUSR2', () => {
    look();
    writeFileSync(`${path}.seen`, String(offByMs));
  });

globalThis.Date = new Proxy(TheDate, {
  construct: (_target, given: unknown[], asked) =>
    Reflect.construct(TheDate, given.length === 0 ? [TheDate.now() + offByMs] : given, asked) as Date,
  get: (target, name, receiver) =>
    name === 'now' ? () => TheDate.now() + offByMs : (Reflect.get(target, name, receiver) as unknown),
});
