import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unsignedCheckpoint } from '#ledger/checkpoint.js';
import { leafHash, merkleRoot, nodeHash } from '#ledger/merkle.js';
import { ED25519, formatNote, formatVerifier, parseNote, parseVerifier, signedBy, Signer } from '#ledger/note.js';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion, type Nodes } from '#ledger/proof.js';
import { parseTilePath, tilePath } from '#ledger/tile.js';
import { formatWitnessRequest, parseWitnessRequest } from '#ledger/witness-request.js';

type Path = readonly string[];
type Vectors = Readonly<{
  tree: Readonly<{
    entries: Path;
    roots: Path;
    inclusion: readonly Readonly<{ index: number; size: number; path: Path }>[];
    consistency: readonly Readonly<{ from: number; to: number; path: Path }>[];
  }>;
  notes: readonly Readonly<{ text: string; key?: string; seed?: string; signatures: Path; names: Path }>[];
  checkpoint: Readonly<{ text: string; signatures: Path; origin: string; size: number; root: string }> &
    Readonly<{ cosignedAt: number }>;
  request: Readonly<{ lines: Path; oldSize: number; hashes: number }>;
  tiles: readonly Readonly<{ level: number; index: number; width: number; path: string }>[];
}>;

/** Facts that others published, each with its source: nothing of this program wrote them, and none of them is ever changed. */
const vectors = JSON.parse(readFileSync(join(process.cwd(), 'test', 'golden', 'tlog-vectors.json'), 'utf8')) as Vectors;

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
const { tree } = vectors;
const leaves = tree.entries.map((entry) => leafHash(bytes(entry)));
const nodes: Nodes = async (level, index) =>
  level === 0
    ? (leaves[index] as Uint8Array)
    : nodeHash(await nodes(level - 1, 2 * index), await nodes(level - 1, 2 * index + 1));
const rootOf = (size: number): Uint8Array => bytes(tree.roots[size] as string);
const noteOf = (text: string, signatures: Path): string => `${text}\n${signatures.map((line) => `${line}\n`).join('')}`;

describe('the tree of RFC 6962 and RFC 9162', () => {
  it('has the published roots', () => {
    expect(tree.roots.map((_, size) => hex(merkleRoot(leaves.slice(0, size))))).toEqual(tree.roots);
  });

  it.each(tree.inclusion)('has the published path from leaf $index of $size', async ({ index, size, path }) => {
    expect((await inclusionProof(nodes, index, size)).map(hex)).toEqual(path);
    verifyInclusion({ index, size }, leaves[index] as Uint8Array, path.map(bytes), rootOf(size));
  });

  it.each(tree.consistency)('has the published proof from $from to $to', async ({ from, to, path }) => {
    expect((await consistencyProof(nodes, from, to)).map(hex)).toEqual(path);
    verifyConsistency({ size: from, root: rootOf(from) }, { size: to, root: rootOf(to) }, path.map(bytes));
  });
});

describe('notes of c2sp.org', () => {
  it.each(vectors.notes)('signed by $names', ({ text, signatures, names, key, seed }) => {
    const note = parseNote(noteOf(text, signatures));
    expect({ text: note.text, names: note.signatures.map(({ name }) => name) }).toEqual({ text, names });
    expect(formatNote(note)).toBe(noteOf(text, signatures));
    if (key === undefined || seed === undefined) return;
    expect(signedBy(note, parseVerifier(key))).toBe(0);
    const [name = ''] = names;
    const signer = new Signer(name, ED25519, Buffer.from(seed, 'base64').subarray(1));
    expect(formatVerifier(signer.verifier)).toBe(key);
    expect(formatNote({ text, signatures: [signer.sign(text)] })).toBe(noteOf(text, signatures));
  });

  it('a checkpoint with the dated signature of a witness', () => {
    const { text, signatures, origin, size, root, cosignedAt } = vectors.checkpoint;
    const note = noteOf(text, signatures);
    expect(unsignedCheckpoint(note)).toEqual({ origin, size, root: Buffer.from(root, 'base64') });
    const [, witness] = parseNote(note).signatures;
    const signature = Buffer.from(witness?.signature ?? []);
    expect({ bytes: signature.length, time: Number(signature.readBigUInt64BE(0)) }).toEqual({
      bytes: 72,
      time: cosignedAt,
    });
  });

  it('a request to a witness', () => {
    const text = vectors.request.lines.join('\n');
    const request = parseWitnessRequest(text);
    expect([request.oldSize, request.proof.length]).toEqual([vectors.request.oldSize, vectors.request.hashes]);
    expect(unsignedCheckpoint(request.checkpoint).origin).toBe('example.com/behind-the-sofa');
    expect(formatWitnessRequest(request)).toBe(text);
  });

  it.each(vectors.tiles)('a tile at $path', ({ level, index, width, path }) => {
    expect(tilePath({ level, index, width })).toBe(path);
    expect(parseTilePath(path)).toEqual({ level, index, width });
  });
});
