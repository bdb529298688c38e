import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotaryKey } from '#audit/notary-key.js';
import { ED25519, Signer } from '#ledger/note.js';
import type { Record } from '#ledger/record.js';
import { dataFolder } from '#store/data-folder.js';
import { RandomSecrets } from '#store/random-ids.js';
import { temporaryFolder, type, writeRunFile } from './command-line.js';
import { copyOf, firstBad, forge, recordsOf, verify } from './exporting.js';

const folder = temporaryFolder();
const data = (): string => folder.path('data');
const typed = async (...words: readonly string[]): Promise<void> => {
  const { code, stdout, stderr } = await type([...words, '--data', data()]);
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}${stdout}`);
};

let origin = '';
let owner: Signer;
const stranger = (): Signer => new Signer(origin, ED25519, randomBytes(32));

beforeAll(async () => {
  await writeRunFile(folder.path('small.yaml'));
  await typed('run', 'start', folder.path('small.yaml'));
  await typed('export', '--to', folder.path('before'));
  await typed('run', 'rollback', 'small', '--to', '0', '--reason', 'to practise');
  await typed('export', '--to', folder.path('whole'));
  owner = await new NotaryKey(dataFolder(data()).notaryKey, new RandomSecrets()).signer();
  origin = owner.verifier.name;
}, 240_000);

/** A copy of the whole log whose records were changed, and all its hashes with them. */
const forged = async (change: (record: Record) => Record | undefined, signer: Signer): Promise<string> => {
  const copy = await copyOf(folder.path('whole'), folder.path('forged'));
  const records = (await recordsOf(copy)).flatMap((record) => change(record) ?? []);
  await forge(copy, records, signer);
  return copy;
};

const kept = (): string => join(folder.path('before'), 'checkpoint');
const key = (): string => join(folder.path('before'), 'key.pub');

const ROLLBACK = ['RollbackRequested', 'ChampionRolledBack', 'RollbackVerified'];
const withoutRollback = (record: Record): Record | undefined => (ROLLBACK.includes(record.type) ? undefined : record);

/** A time that nobody can recompute. */
const later = (record: Record): Record =>
  record.type === 'CorpusRegistered' ? { ...record, recordedAt: '2020-01-01T00:00:00.000Z' } : record;

const edited =
  (type_: string, change: (data: Record['data']) => Record['data']) =>
  (record: Record): Record =>
    record.type === type_ ? { ...record, data: change(record.data) } : record;

describe('whoever signs other records anew', () => {
  it('without the last rollback, says that the log is complete up to there and no more', async () => {
    const copy = await forged(withoutRollback, owner);
    const { code, report } = await verify(copy);
    expect(code).toBe(0);
    expect(report.shown?.completeTo).toBe((await recordsOf(folder.path('before'))).length);
    expect(await verify(copy, '--checkpoint', kept(), '--key', key())).toMatchObject({ code: 0 });
    const newest = join(folder.path('whole'), 'checkpoint');
    expect(firstBad(await verify(copy, '--checkpoint', newest))).toMatchObject({ code: 1, kind: 'truncation' });
  });

  it('is caught by an older checkpoint, with the very key of the log', async () => {
    const copy = await forged(later, owner);
    expect(firstBad(await verify(copy, '--key', key()))).toEqual({ code: 0, position: undefined, kind: undefined });
    const found = await verify(copy, '--checkpoint', kept());
    expect(firstBad(found)).toEqual({ code: 1, position: null, kind: 'root mismatch' });
  });

  it('is caught by the key of the log or an older checkpoint, with another key', async () => {
    const copy = await forged(later, stranger());
    expect((await verify(copy)).code).toBe(0);
    for (const words of [
      ['--key', key()],
      ['--checkpoint', kept()],
    ])
      expect(firstBad(await verify(copy, ...words))).toEqual({ code: 1, position: null, kind: 'checkpoint invalid' });
  });

  it('is found out by judging again, where a verdict or what it stands on was changed', async () => {
    const last = (await recordsOf(folder.path('whole'))).findLastIndex(({ type: name }) => name === 'VerdictReached');
    const second = ({ type: name, data: { cycle } }: Record): boolean => name === 'VerdictReached' && cycle === 2;
    const claims: readonly Record['data'][] = [
      { verdict: 'INCONCLUSIVE' },
      { summary: 'Promoted, since I say so.' },
      { evidenceRoot: 'f'.repeat(64) },
      { cites: [] },
      { alphaSpent: 0 },
    ];
    for (const claim of claims) {
      const copy = await forged(
        (record) => (second(record) ? { ...record, data: { ...record.data, ...claim } } : record),
        owner,
      );
      const { code, report } = await verify(copy, '--key', key());
      expect({ code, kinds: new Set(report.findings.map(({ kind }) => kind)) }).toEqual({
        code: 1,
        kinds: new Set(['judged otherwise']),
      });
      expect(report.findings.map(({ position }) => position)).toContain(last + 1);
    }
  });

  it('is found out by judging again, where a figure of the evidence was changed', async () => {
    const better = edited('ProbesRecorded', (probe) => ({ ...probe, correct: Number(probe['correct']) + 1 }));
    expect(firstBad(await verify(await forged(better, owner)))).toMatchObject({ code: 1, kind: 'judged otherwise' });
  });

  it('is found out where a run is judged by artifacts that are not there', async () => {
    const foreign = edited('ProbesRecorded', (probe) => ({ ...probe, results: 'a'.repeat(64) }));
    const { report } = await verify(await forged(foreign, owner));
    expect(report.findings.map(({ kind }) => kind)).toContain('not judged');
  });
});

test('the key of the log is in no file of an export', async () => {
  const [, secret = ''] =
    /\+[0-9a-f]{8}\+(.{44})$/.exec((await readFile(dataFolder(data()).notaryKey, 'utf8')).trim()) ?? [];
  expect(secret).toHaveLength(44);
  for (const file of ['key.pub', 'checkpoint', 'manifest.json', 'records.jsonl'])
    expect(await readFile(join(folder.path('whole'), file), 'utf8')).not.toContain(secret);
});
