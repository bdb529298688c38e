import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { leafHash, merkleRoot, nodeHash } from './merkle.js';
import { consistencyProof, inclusionProof, ProofInvalid, verifyConsistency, verifyInclusion } from './proof.js';

const leavesOf = (size: number): readonly Uint8Array[] =>
  Array.from({ length: size }, (_, at) => leafHash(Buffer.from(`entry ${at}`)));

/** The tree as the definition has it, one hash at a time. */
const nodesOf =
  (leaves: readonly Uint8Array[]) =>
  async (level: number, index: number): Promise<Uint8Array> => {
    if (level === 0) return leaves[index] as Uint8Array;
    const [left, right] = await Promise.all([0, 1].map((side) => nodesOf(leaves)(level - 1, 2 * index + side)));
    return nodeHash(left as Uint8Array, right as Uint8Array);
  };

const hex = (hashes: readonly Uint8Array[]): readonly string[] =>
  hashes.map((hash) => Buffer.from(hash).toString('hex'));

/** Entries and proofs that the reference implementations of certificate transparency test with. */
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const KNOWN = ENTRIES.map((entry) => leafHash(Buffer.from(entry, 'hex')));

describe('an inclusion proof', () => {
  it.each([
    [1, 1, []],
    [
      1,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      6,
      8,
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [3, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  ])('of leaf %i (from 1) of %i is the known one', async (leaf, size, path) => {
    expect(hex(await inclusionProof(nodesOf(KNOWN.slice(0, size)), leaf - 1, size))).toEqual(path);
  });

  it('holds for every leaf of every tree, and for no other leaf, place, size or root', async () => {
    const sizes = fc.integer({ min: 1, max: 70 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, pick) => {
        const leaves = leavesOf(size);
        const index = pick % size;
        const root = merkleRoot(leaves);
        const path = await inclusionProof(nodesOf(leaves), index, size);
        const leaf = leaves[index] as Uint8Array;
        verifyInclusion({ index, size }, leaf, path, root);
        const refused = (change: () => void): void => expect(change).toThrow(ProofInvalid);
        refused(() => verifyInclusion({ index, size }, leafHash(Buffer.from('other')), path, root));
        refused(() => verifyInclusion({ index, size }, leaf, path, leafHash(root)));
        refused(() => verifyInclusion({ index, size }, leaf, [...path, root], root));
        if (size > 1) {
          refused(() => verifyInclusion({ index: (index + 1) % size, size }, leaf, path, root));
          refused(() => verifyInclusion({ index, size }, leaf, path.slice(1), root));
        }
        refused(() => verifyInclusion({ index: size, size }, leaf, path, root));
      }),
    );
  });
});

describe('a consistency proof', () => {
  it.each([
    [1, 1, []],
    [
      1,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      6,
      8,
      [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
  ])('from %i to %i is the known one', async (first, size, path) => {
    expect(hex(await consistencyProof(nodesOf(KNOWN.slice(0, size)), first, size))).toEqual(path);
  });

  it('holds between any two sizes of a log, and never for one that was rewritten', async () => {
    const sizes = fc.integer({ min: 1, max: 70 });
    await fc.assert(
      fc.asyncProperty(sizes, sizes, fc.nat(), async (a, b, pick) => {
        const [size, second] = a < b ? [a, b] : [b, a];
        const leaves = leavesOf(second);
        const older = { size, root: merkleRoot(leaves.slice(0, size)) };
        const newer = { size: second, root: merkleRoot(leaves) };
        const path = await consistencyProof(nodesOf(leaves), size, second);
        verifyConsistency(older, newer, path);
        const rewritten = leaves.with(pick % size, leafHash(Buffer.from('rewritten')));
        const forged = { size: second, root: merkleRoot(rewritten) };
        const proof = await consistencyProof(nodesOf(rewritten), size, second);
        expect(() => verifyConsistency(older, forged, proof)).toThrow(ProofInvalid);
        expect(() => verifyConsistency(older, newer, [...path, newer.root])).toThrow(ProofInvalid);
        if (path.length > 0) expect(() => verifyConsistency(older, newer, path.slice(1))).toThrow(ProofInvalid);
      }),
    );
  });
});
