import { parseVerifier, type Verifier } from '#ledger/note.js';

/** Keys of a log, one a line. @throws NoteInvalid */
export const parseKeys = (text: string): readonly Verifier[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseVerifier);
