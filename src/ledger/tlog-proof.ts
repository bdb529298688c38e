import { leafHash } from './merkle.js';
import { openCheckpoint, type SignedCheckpoint } from './checkpoint.js';
import { NoteInvalid, type Verifier } from './note.js';
import { ProofInvalid, verifyInclusion } from './proof.js';

const HEADER = 'c2sp.org/tlog-proof@v1';

/** Offline proof that an entry is in a log (c2sp.org/tlog-proof@v1): its place, the path, and a signed checkpoint as it came. */
export type TlogProof = Readonly<{ index: number; path: readonly Uint8Array[]; checkpoint: string }>;

export const formatTlogProof = ({ index, path, checkpoint }: TlogProof): string => {
  const hashes = path.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
  return `${HEADER}\nindex ${index}\n${hashes.join('')}\n${checkpoint}`;
};

const hashOf = (line: string): Uint8Array => {
  const hash = Buffer.from(line, 'base64');
  if (hash.length !== 32 || hash.toString('base64') !== line)
    throw new ProofInvalid(`"${line.slice(0, 60)}" is no hash: 32 bytes as base64 are needed`);
  return hash;
};

/** Takes a proof apart; an `extra` line is passed over, since nothing vouches for it. @throws ProofInvalid */
export const parseTlogProof = (text: string): TlogProof => {
  const end = text.indexOf('\n\n');
  const [header, ...lines] = end < 0 ? [] : text.slice(0, end).split('\n');
  if (header !== HEADER) throw new ProofInvalid(`not a proof: its first line must be ${HEADER}`);
  const [place = '', ...hashes] = lines[0]?.startsWith('extra ') === true ? lines.slice(1) : lines;
  const [, digits] = /^index (0|[1-9]\d*)$/.exec(place) ?? [];
  const index = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(index)) throw new ProofInvalid(`"${place}" is no line "index N"`);
  return { index, path: hashes.map(hashOf), checkpoint: text.slice(end + 2) };
};

/** That these very bytes are in the log of one of the keys. @throws ProofInvalid, NoteInvalid */
export const verifyTlogProof = (
  { index, path, checkpoint: signed }: TlogProof,
  entry: Uint8Array,
  keys: readonly Verifier[],
): SignedCheckpoint => {
  const opened = openCheckpoint(signed, keys);
  const { size, root } = opened.checkpoint;
  if (size === 0) throw new NoteInvalid('the checkpoint is of an empty log');
  verifyInclusion({ index, size }, leafHash(entry), path, root);
  return opened;
};
