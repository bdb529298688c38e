import { NoteInvalid } from './note.js';

/** What a log hands to a witness (c2sp.org/tlog-witness): a checkpoint as it is signed, and that it grew from the older size. */
export type WitnessRequest = Readonly<{ oldSize: number; proof: readonly Uint8Array[]; checkpoint: string }>;

/** No proof between two sizes has more hashes. */
const MOST_HASHES = 63;
const HASH_BYTES = 32;

export const formatWitnessRequest = ({ oldSize, proof, checkpoint }: WitnessRequest): string => {
  const hashes = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
  return `old ${oldSize}\n${hashes.join('')}\n${checkpoint}`;
};

const hashOf = (line: string): Uint8Array => {
  const hash = Buffer.from(line, 'base64');
  if (hash.length !== HASH_BYTES || hash.toString('base64') !== line)
    throw new NoteInvalid(`"${line.slice(0, 60)}" is no hash: 32 bytes as base64 are needed`);
  return hash;
};

/** @throws NoteInvalid */
export const parseWitnessRequest = (text: string): WitnessRequest => {
  const end = text.indexOf('\n\n');
  const [first = '', ...hashes] = end < 0 ? [] : text.slice(0, end).split('\n');
  const [, digits] = /^old (0|[1-9]\d*)$/.exec(first) ?? [];
  const oldSize = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(oldSize))
    throw new NoteInvalid('the first line must be "old" and a size; then come hashes, an empty line and a checkpoint');
  if (hashes.length > MOST_HASHES)
    throw new NoteInvalid(`${hashes.length} hashes are too many; a proof has at most ${MOST_HASHES}`);
  return { oldSize, proof: hashes.map(hashOf), checkpoint: text.slice(end + 2) };
};
