import { mkdir, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TokenRevoked } from '#audit/domain/access-events.js';
import { signingIn } from '#publishing.js';
import type { Proposed } from '#ledger/record.js';
import { CountedIds } from '#store/counted-ids.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { dataFolder } from '#store/data-folder.js';

/** What the records of a log say, one word each: the same words give the same bytes. */
const recordsOf = (words: readonly string[]): readonly Proposed[] => {
  const ids = new CountedIds();
  return words.map((word) => {
    const id = ids.next();
    return {
      id,
      ...TokenRevoked.encode({ token: id, requester: word }),
      recordedAt: '2025-01-02T03:04:05.678Z',
      actor: { kind: 'human', id: 'ada', build: 'test' },
      causationId: id,
      correlationId: id,
    } as Proposed;
  });
};

/** `first`, `second`, … as many as are needed. */
export const words = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `word ${at + 1}`);

/**
 * Makes the log of a data folder say these words, from those on that it has, and signs it.
 * @param logKey a file with the key; whoever has it can sign another log in the same name
 */
export const say = async (data: string, all: readonly string[], logKey: string): Promise<void> => {
  await mkdir(data, { recursive: true });
  const log = await LmdbLog.open(dataFolder(data).log);
  try {
    let said = 0;
    for await (const { position } of log.readAll({ direction: 'backward', limit: 1 })) said = position;
    const more = recordsOf(all).slice(said);
    for (let at = 0; at < more.length; at += 500) await log.append('audit', 'any', more.slice(at, at + 500));
    await signingIn({ data, logKey }).notary.advance(log);
  } finally {
    await log.close();
  }
};

/** Puts the present checkpoint aside, as somebody who trusts nobody does. */
export const keep = async (data: string, to: string): Promise<string> => {
  await copyFile(join(dataFolder(data).tlog, 'checkpoint'), to);
  return to;
};
