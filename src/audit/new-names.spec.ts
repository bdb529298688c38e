import { z } from 'zod';
import { event } from '#ledger/event.js';
import { artifactSchema, sha256Schema } from '#ledger/schema.js';
import type { Record } from '#ledger/record.js';
import { NewNames } from './new-names.js';

const Held = event('Held', z.strictObject({ file: artifactSchema, digest: sha256Schema }));
const [first, second] = ['a'.repeat(64), 'b'.repeat(64)];

const told = (names: NewNames, file: string, digest: string): readonly unknown[] =>
  names
    .in({ type: 'Held', version: 1, stream: 's', data: { file, digest } } as unknown as Record, [file, digest])
    .map(({ hash, declared }) => [hash, declared]);

describe('the artifacts that records name', () => {
  it('are told once, and once more by the first record that declares one', () => {
    const names = new NewNames([Held]);
    expect(told(names, first, second)).toEqual([
      [first, true],
      [second, false],
    ]);
    expect(told(names, first, second)).toEqual([]);
    expect(names.isSettled(second)).toBe(false);
    expect(told(names, second, first)).toEqual([[second, true]]);
    expect(told(names, second, second)).toEqual([]);
    expect([first, second].every((hash) => names.isSettled(hash))).toBe(true);
  });

  it('are told once by a record that has one twice', () => {
    expect(told(new NewNames([Held]), first, first)).toEqual([[first, true]]);
  });
});
