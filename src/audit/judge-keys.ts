import { isSameVerifier, KeyChain } from '#ledger/key-chain.js';
import { ED25519, formatVerifier, NoteInvalid, type Verifier } from '#ledger/note.js';
import type { Finding } from './domain/finding.js';
import type { SignedHead } from './notary.js';

/** A `KeyRotated` of the log, its keys and signature in base64. `index`: from 0, among all records. */
export type SeenRotation = Readonly<{
  index: number;
  position: number;
  origin: string;
  oldKey: string;
  newKey: string;
  signature: string;
}>;

/** What was published last, and the key that its checkpoint is signed with. */
type Published = Readonly<{ head?: SignedHead; verifier?: Verifier }>;

const bytes = (base64: string): Uint8Array => Buffer.from(base64, 'base64');

const broken = (position: number | null, message: string): Finding => ({
  position,
  kind: 'checkpoint invalid',
  message,
});

/** The keys of a log as its records have them, and which of these records nobody could have written who had the key. */
export const chainOf = (
  rotations: readonly SeenRotation[],
  first: Verifier,
): Readonly<{ chain: KeyChain; findings: readonly Finding[] }> => {
  const chain = new KeyChain(first);
  const findings: Finding[] = [];
  for (const { index, position, origin, oldKey, newKey, signature } of rotations)
    try {
      chain.take({ origin, oldKey: bytes(oldKey), newKey: bytes(newKey), signature: bytes(signature) }, index);
    } catch (error) {
      if (!(error instanceof NoteInvalid)) throw error;
      findings.push(broken(position, error.message));
    }
  return { chain, findings };
};

/** The first key of a log: the one that its first rotation replaces, else the one it is signed with. */
export const firstKey = (rotations: readonly SeenRotation[], verifier: Verifier | undefined): Verifier | undefined => {
  const [rotation] = rotations;
  return rotation ? { name: rotation.origin, algorithm: ED25519, key: bytes(rotation.oldKey) } : verifier;
};

/**
 * Whether each key handed over to the next, and the checkpoint has the one that is in force at its size.
 * @param trusted a key of the log from elsewhere: one of its keys must be this one
 */
export const judgeKeys = (
  rotations: readonly SeenRotation[],
  { head, verifier }: Published,
  trusted: Verifier | undefined,
): readonly Finding[] => {
  const first = firstKey(rotations, verifier);
  if (!first) return [];
  const { chain, findings } = chainOf(rotations, first);
  const found = [...findings];
  if (head && verifier && !isSameVerifier(chain.at(head.size), verifier))
    found.push(
      broken(
        null,
        `the checkpoint over ${head.size} records is signed by ${formatVerifier(verifier)}, the log's key is ${formatVerifier(chain.at(head.size))} then`,
      ),
    );
  if (trusted && !chain.all.some(({ verifier: known }) => isSameVerifier(known, trusted)))
    found.push(broken(null, `${formatVerifier(trusted)} never was the log's key`));
  return found;
};
