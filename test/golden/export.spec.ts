import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openCheckpoint } from '#ledger/checkpoint.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import { parseVerifier } from '#ledger/note.js';

/** Exports as they were written once, without their verifier: a log of today must not make one of yesterday unreadable. */
const EXPORTS: readonly (readonly [folder: string, size: number, root: string])[] = [
  ['export-0.1.0', 45, '9ff932ff067360c229ff697f74738dba1b16588341d1795db83fc987482b60d2'],
];

const VERIFIER = join('build', 'verifier', 'verify.mjs');
const BIN = join('bin', 'prometheus-ledger.mjs');

type Ended = Readonly<{ code: number; document: any }>; // eslint-disable-line @typescript-eslint/no-explicit-any

const run = (...words: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [...words, '--json'], (error, stdout) =>
      resolve({ code: Number(error?.code ?? 0), document: JSON.parse(stdout) }),
    );
  });

describe.each(EXPORTS)('%s', (name, size, root) => {
  const folder = join('test', 'golden', name);

  it('has the root that it had', async () => {
    const [records, checkpoint, key] = await Promise.all(
      ['records.jsonl', 'checkpoint', 'key.pub'].map((file) => readFile(join(folder, file), 'utf8')),
    );
    const lines = (records ?? '').trimEnd().split('\n');
    expect(lines).toHaveLength(size);
    expect(Buffer.from(merkleRoot(lines.map((line) => leafHash(Buffer.from(line))))).toString('hex')).toBe(root);
    const signed = openCheckpoint(checkpoint ?? '', [parseVerifier(key ?? '')]).checkpoint;
    expect(Buffer.from(signed.root).toString('hex')).toBe(root);
  });

  it('is found whole by the verifier of today, down to its verdicts', async () => {
    const { code, document } = await run(VERIFIER, folder, '--checkpoint', join(folder, 'checkpoint'));
    expect({ code, findings: document.findings }).toEqual({ code: 0, findings: [] });
    expect(document.shown).toMatchObject({ size, root, completeTo: size, verdicts: { recorded: 1, agreed: 1 } });
  });

  it('can be made a log of', async () => {
    const place = await mkdtemp(join(tmpdir(), 'golden-import-'));
    try {
      const data = join(place, 'data');
      expect(await run(BIN, 'import', folder, '--data', data)).toMatchObject({ code: 0, document: { size, root } });
      const { document } = await run(BIN, 'verify', '--data', data);
      const kinds = new Set(document.findings.map(({ kind }: { kind: string }) => kind));
      expect({ root: document.root, kinds }).toEqual({ root, kinds: new Set(['artifact missing']) });
      expect(document.verdicts).toMatchObject({ judged: 1, agreed: 1, disagreements: [], unjudged: [] });
    } finally {
      await rm(place, { recursive: true });
    }
  });
});
