import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { leafHash, merkleRoot, MerkleTree, nodeHash } from './merkle.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The inputs and roots that the reference implementations of certificate transparency test with. */
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** RFC 6962 section 2.1, word for word. */
const naiveRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  const [only] = leaves;
  if (leaves.length === 1 && only) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
};

describe('Merkle tree', () => {
  it.each(ROOTS.map((root, size) => [size, root] as const))(
    'has the known root over the first %i entries',
    (size, root) => {
      const leaves = ENTRIES.slice(0, size).map((entry) => leafHash(Buffer.from(entry, 'hex')));
      expect(hex(merkleRoot(leaves))).toBe(root);
    },
  );

  it('is the definition of RFC 6962 for any entries, at every size on the way', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 70 }), (entries) => {
        const leaves = entries.map(leafHash);
        const tree = new MerkleTree();
        leaves.forEach((leaf, at) => {
          tree.append(leaf);
          expect(tree.size).toBe(at + 1);
          expect(hex(tree.root())).toBe(hex(naiveRoot(leaves.slice(0, at + 1))));
        });
      }),
      { numRuns: 50 },
    );
  });

  it('tells a leaf from a node with the same bytes', () => {
    const [left, right] = [leafHash(Uint8Array.of(1)), leafHash(Uint8Array.of(2))];
    expect(hex(leafHash(Buffer.concat([left, right])))).not.toBe(hex(nodeHash(left, right)));
  });
});
