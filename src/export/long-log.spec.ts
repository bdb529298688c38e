import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Notary } from '#audit/notary.js';
import { checkpointText, formatCheckpoint } from '#ledger/checkpoint.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import { ED25519, Signer } from '#ledger/note.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { TileFolder } from '#store/tile-folder.js';
import { plainWeights } from '#trainer/plain-weights.js';
import { checkExport, type CheckOptions } from './check-export.js';
import type { Scope } from './domain/manifest.js';
import type { ExportFinding } from './domain/report.js';
import { ExportFiles } from './export-files.js';
import { ExportFolder } from './export-folder.js';
import { writeExport, type Source } from './write-export.js';

const RECORDS = 700;
const signer = new Signer('log.test/long', ED25519, Buffer.alloc(32, 1));
const ids = new CountedIds();
const leaves: Uint8Array[] = [];
let root = '';
let source: Source;

/** Two levels of tiles, the last of each not full. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'long-log-'));
  const log = new MemoryLog();
  const minute = '2025-06-01T12:00:00.000Z';
  for (let count = 1; count <= RECORDS; count += 1) {
    const id = ids.next();
    const actor = { kind: 'service', id: 'test', build: 'test' } as const;
    const data = { identity: `somebody ${count}`, minute, count, reasons: [{ reason: 'no token', count }] };
    const causes = { id, causationId: id, correlationId: id };
    const proposed = { ...causes, type: 'AccessDenied', version: 1, recordedAt: minute, actor, data };
    await log.append(`audit-${count % 3}`, 'any', [proposed]);
  }
  for await (const { bytes } of log.readAll()) leaves.push(leafHash(bytes));
  const tiles = new TileFolder(join(root, 'tlog'));
  await new Notary(tiles, async () => signer).advance(log);
  const verifier = Buffer.from('// checks\n');
  source = { log, tiles, artifacts: new MemoryArtifacts(), weights: plainWeights, verifier, build: 'test' };
});
afterAll(() => rm(root, { recursive: true }));

let made = 0;
const exported = async (scope: Scope): Promise<string> => {
  const folder = await mkdtemp(join(root, `export-${(made += 1)}-`));
  await writeExport(source, { scope, artifacts: 'none' }, new ExportFolder(folder), () => undefined);
  return folder;
};

const findings = async (folder: string, options: CheckOptions = {}): Promise<readonly ExportFinding[]> =>
  (await checkExport(new ExportFiles(folder), options)).report.findings;

const kept = (size: number, change = 0): string => {
  const own = Uint8Array.from(merkleRoot(leaves.slice(0, size)));
  own[0] = (own[0] ?? 0) ^ change;
  const checkpoint = { origin: 'log.test/long', size, root: own };
  return formatCheckpoint(checkpoint, [signer.sign(checkpointText(checkpoint))]);
};

const SIZES = [1, 2, 255, 256, 257, 511, 512, 513, 640, RECORDS - 1, RECORDS];

describe('an export of a log of several tiles', () => {
  it('is consistent with every older checkpoint of the log, and with no other', async () => {
    for (const scope of [{ kind: 'log' }, { kind: 'range', from: 300, through: 310 }] as const) {
      const folder = await exported(scope);
      for (const size of SIZES) {
        expect(await findings(folder, { older: kept(size) })).toEqual([]);
        expect(await findings(folder, { older: kept(size, 1) })).toMatchObject([{ kind: 'root mismatch' }]);
      }
    }
  });

  it('has no tile that does not follow from the records', async () => {
    const folder = await exported({ kind: 'log' });
    const tiles = (await readdir(join(folder, 'tile'), { recursive: true, withFileTypes: true })).filter((one) =>
      one.isFile(),
    );
    expect(tiles.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).toSorted()).toEqual([
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/188',
      'tile/1/000.p/2',
    ]);
    for (const { parentPath, name } of tiles) {
      const path = join(parentPath, name);
      const bytes = await readFile(path);
      await rm(join(folder, 'SHA256SUMS'));
      await writeFile(join(folder, 'SHA256SUMS'), '');
      for (const changed of [bytes.with(40, (bytes[40] ?? 0) ^ 1), bytes.subarray(0, 32), undefined]) {
        await (changed ? writeFile(path, changed) : rm(path));
        expect((await findings(folder)).map(({ kind }) => kind)).toContain('tile changed');
      }
      await writeFile(path, bytes);
    }
  });

  it('proves a stretch, and names the first record of it that is another', async () => {
    const folder = await exported({ kind: 'range', from: 250, through: 520 });
    const path = join(folder, 'records.jsonl');
    const text = await readFile(path, 'utf8');
    expect(await findings(folder)).toEqual([]);
    for (const position of [250, 256, 257, 400, 520]) {
      await writeFile(path, text.replace(`"identity":"somebody ${position}"`, '"identity":"nobody at all"'));
      expect((await findings(folder))[0]).toMatchObject({ position, kind: 'byte change' });
    }
  });

  it('is not made of a log that is not the one that was signed', async () => {
    const log = new MemoryLog();
    for await (const { record } of source.log.readAll({ limit: RECORDS - 1 })) {
      const { stream, revision, ...proposed } = record;
      const data = stream === 'audit-1' && revision === 99 ? { ...proposed.data, identity: 'another' } : proposed.data;
      await log.append(stream, 'any', [{ ...proposed, data }]);
    }
    const write = async (other: MemoryLog): Promise<unknown> => {
      const folder = new ExportFolder(await mkdtemp(join(root, 'refused-')));
      return writeExport(
        { ...source, log: other },
        { scope: { kind: 'log' }, artifacts: 'none' },
        folder,
        () => undefined,
      );
    };
    await expect(write(log)).rejects.toThrow('the record at position 298 is not the one that was signed');
    await expect(write(new MemoryLog())).rejects.toThrow(`the log ends after 0 records, ${RECORDS} were signed`);
  });
});
