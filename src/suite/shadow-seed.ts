import { sha256 } from '#ledger/digest.js';

export type ShadowSeedParts = Readonly<{
  run: string;
  cycle: number;
  /** SHA-256 of the candidate's weights. */
  candidate: string;
  seedCommitment: string;
}>;

/**
 * Seed of the items that judge one candidate: SHA-256 (64 hex digits) over UTF-8 "shadow/1", byte 0, the run's id in
 * UTF-8, byte 0, the cycle as uint32 LE, the 32 bytes of the weights' hash, the 32 bytes of the suite's commitment.
 * Nobody knows it before the candidate exists; nothing that a retry or a crash changes is in it.
 */
export const shadowSeed = ({ run, cycle, candidate, seedCommitment }: ShadowSeedParts): string => {
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, cycle, true);
  const hashes = [candidate, seedCommitment].map((hex) => Buffer.from(hex, 'hex'));
  return sha256('shadow/1', Uint8Array.of(0), run, Uint8Array.of(0), number, ...hashes);
};

/** What fixes a suite when it is sealed: SHA-256 over UTF-8 "suite/1", byte 0, its id, byte 0, the hash of its items. */
export const commitment = (suite: string, itemsArtifact: string): string =>
  sha256('suite/1', Uint8Array.of(0), suite, Uint8Array.of(0), Buffer.from(itemsArtifact, 'hex'));
