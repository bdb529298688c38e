import { formatNote, NoteInvalid, parseNote, signedBy, type Note, type Signature, type Verifier } from './note.js';

/** What a log commits to: its name, how many leaves it has, and the root over them (c2sp.org/tlog-checkpoint). */
export type Checkpoint = Readonly<{ origin: string; size: number; root: Uint8Array }>;

const HASH_BYTES = 32;

/** The text that is signed. */
export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;

export const formatCheckpoint = (checkpoint: Checkpoint, signatures: readonly Signature[]): string =>
  formatNote({ text: checkpointText(checkpoint), signatures });

/** @throws NoteInvalid */
const parseText = (text: string): Checkpoint => {
  const [origin = '', count = '', encoded = ''] = text.split('\n');
  const root = Buffer.from(encoded, 'base64');
  const size = Number(count);
  if (origin === '') throw new NoteInvalid('a checkpoint begins with the name of its log');
  if (!/^(0|[1-9]\d*)$/.test(count) || !Number.isSafeInteger(size))
    throw new NoteInvalid(`a checkpoint's second line is its size, not "${count.slice(0, 100)}"`);
  if (root.length !== HASH_BYTES || root.toString('base64') !== encoded)
    throw new NoteInvalid("a checkpoint's third line is its root, 32 bytes as base64");
  return { origin, size, root };
};

/** What a signed checkpoint says, whoever signed it. @throws NoteInvalid */
export const unsignedCheckpoint = (signed: string): Checkpoint => parseText(parseNote(signed).text);

export type SignedCheckpoint = Readonly<{ checkpoint: Checkpoint; note: Note }>;

/**
 * Reads a checkpoint that one of these keys signed under its own name, which is the log's origin.
 * @throws NoteInvalid
 */
export const openCheckpoint = (signed: string, keys: readonly Verifier[]): SignedCheckpoint => {
  const note = parseNote(signed);
  const checkpoint = parseText(note.text);
  const own = keys.filter(({ name }) => name === checkpoint.origin);
  if (own.length === 0)
    throw new NoteInvalid(
      `checkpoint of "${checkpoint.origin}": the key is of ${keys.map(({ name }) => `"${name}"`).join(', ')}`,
    );
  if (!own.some((key) => signedBy(note, key) !== undefined))
    throw new NoteInvalid(`checkpoint of "${checkpoint.origin}" at size ${checkpoint.size}: not signed by its key`);
  return { checkpoint, note };
};
