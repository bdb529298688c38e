import { describe, expect, it } from '@jest/globals';
import { isAlive, thisProcess, type Owner } from './owner.js';

const self = thisProcess();
/** Above the largest process number that Linux gives. */
const NOBODY = 2 ** 22 + 1;

describe('the owner of a folder', () => {
  const cases: readonly [what: string, owner: Owner, lockHolders: readonly number[], alive: boolean][] = [
    ['is this process', self, [], true],
    ['is alive by its own number', { ...self, pid: process.pid }, [process.pid], true],
    ['is gone when no process has its number', { ...self, pid: NOBODY }, [NOBODY], false],
    ['is gone when its number is now that of a later process', { ...self, started: '1' }, [], false],
    ['is gone after the machine started anew', { ...self, boot: 'another' }, [process.pid], false],
    [
      'lives in another container as long as it holds its lock',
      { ...self, pidNamespace: 'pid:[1]', pid: 7 },
      [7],
      true,
    ],
    ['is gone from another container with its lock', { ...self, pidNamespace: 'pid:[1]', pid: 7 }, [8], false],
  ];
  it.each(cases)('%s', (_, owner, lockHolders, alive) => {
    expect(isAlive(owner, self, lockHolders)).toBe(alive);
  });
});
