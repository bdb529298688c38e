import { describe, expect, it } from '@jest/globals';
import { checkpointText, formatCheckpoint, openCheckpoint } from './checkpoint.js';
import {
  COSIGNATURE,
  ED25519,
  formatNote,
  formatVerifier,
  NoteInvalid,
  parseNote,
  parseVerifier,
  signedBy,
  Signer,
} from './note.js';

/** The example of the format's first implementation (golang.org/x/mod/sumdb/note). */
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const SEED = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
const LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

describe('a signed note', () => {
  const signer = new Signer('PeterNeumann', ED25519, SEED);

  it('has the known key and the known signature', () => {
    expect(formatVerifier(signer.verifier)).toBe(PETER);
    expect(formatNote({ text: TEXT, signatures: [signer.sign(TEXT)] })).toBe(`${TEXT}\n${LINE}`);
  });

  it('is believed of its key alone, and only as it was signed', () => {
    const note = parseNote(`${TEXT}\n${LINE}`);
    expect(signedBy(note, parseVerifier(PETER))).toBe(0);
    expect(signedBy({ ...note, text: TEXT.replace('know', 'now') }, parseVerifier(PETER))).toBeUndefined();
    const other = new Signer('PeterNeumann', ED25519, Buffer.alloc(32, 7)).verifier;
    expect(signedBy(note, other)).toBeUndefined();
    expect(signedBy(note, { ...other, key: parseVerifier(PETER).key, name: 'Peter' })).toBeUndefined();
  });

  it('may carry the dated signature of a witness, which is of its time', () => {
    const witness = new Signer('witness.example', COSIGNATURE, Buffer.alloc(32, 3));
    const made = witness.sign(TEXT, 1_700_000_000);
    const note = parseNote(formatNote({ text: TEXT, signatures: [signer.sign(TEXT), made] }));
    expect(signedBy(note, witness.verifier)).toBe(1_700_000_000);
    const moved = Buffer.from(made.signature);
    moved.writeUInt8(moved.readUInt8(7) ^ 1, 7);
    expect(signedBy({ text: TEXT, signatures: [{ ...made, signature: moved }] }, witness.verifier)).toBeUndefined();
  });

  it.each([
    ['no blank line', `${TEXT}${LINE}`],
    ['no line of a signature', `${TEXT}\nsigned: Peter\n`],
    ['a signature without bytes', `${TEXT}\n— PeterNeumann x08g\n`],
  ])('is none with %s', (_what, text) => expect(() => parseNote(text)).toThrow(NoteInvalid));

  it.each(['', 'PeterNeumann', PETER.replace('c74f20a3', 'c74f20a4'), PETER.slice(0, -4), `${PETER.slice(0, 22)}AgAA`])(
    'has no key %j',
    (text) => expect(() => parseVerifier(text)).toThrow(NoteInvalid),
  );
});

describe('a checkpoint', () => {
  const origin = 'log.example/one';
  const signer = new Signer(origin, ED25519, SEED);
  const checkpoint = { origin, size: 12, root: Buffer.alloc(32, 9) };
  const signed = formatCheckpoint(checkpoint, [signer.sign(checkpointText(checkpoint))]);

  it('is name, size and root', () => {
    expect(signed.split('\n').slice(0, 4)).toEqual([origin, '12', Buffer.alloc(32, 9).toString('base64'), '']);
    expect(openCheckpoint(signed, [signer.verifier]).checkpoint).toEqual(checkpoint);
  });

  it.each([
    ['another size', signed.replace('\n12\n', '\n13\n'), /not signed by its key/],
    ['another log', signed.replace(origin, 'log.example/two'), /the key is of "log.example\/one"/],
    ['a size that is none', signed.replace('\n12\n', '\n012\n'), /second line is its size/],
    ['a root that is none', signed.replace(/\n12\n.{4}/, '\n12\n'), /third line is its root/],
  ])('is refused with %s', (_what, text, message) =>
    expect(() => openCheckpoint(text, [signer.verifier])).toThrow(message),
  );
});
