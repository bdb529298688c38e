import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';

/** Signature types of c2sp.org/signed-note: Ed25519 over the text, and a witness's dated cosignature. */
export const ED25519 = 1;
export const COSIGNATURE = 4;
type Algorithm = typeof ED25519 | typeof COSIGNATURE;

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const ID_BYTES = 4;
const TIME_BYTES = 8;
/** DER in front of a raw Ed25519 key (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const NAME = /^[^\s+]+$/u;

/** What is no signed note, a key that is none, or a signature that does not hold. */
export class NoteInvalid extends Error {
  override readonly name = 'NoteInvalid';
}

/** Whose signatures are believed. `key`: 32 bytes. */
export type Verifier = Readonly<{ name: string; algorithm: Algorithm; key: Uint8Array }>;

/** `signature` is what stands behind the key id; for a cosignature 8 bytes of POSIX seconds, then 64 of Ed25519. */
export type Signature = Readonly<{ name: string; id: number; signature: Uint8Array }>;
export type Note = Readonly<{ text: string; signatures: readonly Signature[] }>;

/** SHA-256(name || 0x0A || algorithm || key), its first four bytes. */
export const keyId = ({ name, algorithm, key }: Verifier): number =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(algorithm), key]), 'buffer').readUInt32BE(0);

const idText = (id: number): string => id.toString(16).padStart(2 * ID_BYTES, '0');

/** `name+id+base64`, as c2sp.org/signed-note writes the key of a verifier. */
export const formatVerifier = (verifier: Verifier): string => {
  const { name, algorithm, key } = verifier;
  const encoded = Buffer.concat([Uint8Array.of(algorithm), key]).toString('base64');
  return `${name}+${idText(keyId(verifier))}+${encoded}`;
};

/** @throws NoteInvalid */
export const parseVerifier = (text: string): Verifier => {
  const [, name = '', id = '', encoded = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  const algorithm = bytes[0];
  if (bytes.length !== 1 + KEY_BYTES || (algorithm !== ED25519 && algorithm !== COSIGNATURE))
    throw new NoteInvalid(`${text.trim().slice(0, 100)}: no verifier key; one is name+8 hex digits+base64`);
  const verifier: Verifier = { name, algorithm, key: bytes.subarray(1) };
  if (idText(keyId(verifier)) !== id) throw new NoteInvalid(`${name}: the key has the id ${idText(keyId(verifier))}`);
  return verifier;
};

const publicKey = (key: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' });

/** Signs as one name. The seed (32 bytes) never leaves it. */
export class Signer {
  readonly verifier: Verifier;
  private readonly secret: KeyObject;

  constructor(name: string, algorithm: Algorithm, seed: Uint8Array) {
    if (!NAME.test(name)) throw new NoteInvalid(`"${name}": a name has no white space and no plus sign`);
    this.secret = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(this.secret).export({ format: 'der', type: 'spki' });
    this.verifier = { name, algorithm, key: spki.subarray(SPKI.length) };
  }

  /** `seconds`: POSIX time, which a cosignature says and nothing else. */
  sign(text: string, seconds = 0): Signature {
    const { name, algorithm } = this.verifier;
    const made = sign(null, messageOf(text, algorithm, seconds), this.secret);
    const time = Buffer.alloc(algorithm === COSIGNATURE ? TIME_BYTES : 0);
    if (algorithm === COSIGNATURE) time.writeBigUInt64BE(BigInt(seconds));
    return { name, id: keyId(this.verifier), signature: Buffer.concat([time, made]) };
  }
}

const messageOf = (text: string, algorithm: Algorithm, seconds: number): Buffer =>
  Buffer.from(algorithm === COSIGNATURE ? `cosignature/v1\ntime ${seconds}\n${text}` : text);

export const formatNote = ({ text, signatures }: Note): string => {
  if (!text.endsWith('\n') || signatures.length === 0)
    throw new NoteInvalid('a note is lines of text and at least one signature');
  const lines = signatures.map(({ name, id, signature }) => {
    const bytes = Buffer.concat([Buffer.from(idText(id), 'hex'), signature]);
    return `— ${name} ${bytes.toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
};

const parseSignature = (line: string): Signature => {
  const [, name = '', encoded = ''] = /^— ([^+\s]+) ([A-Za-z0-9+/]+=*)$/u.exec(line) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length <= ID_BYTES) throw new NoteInvalid(`"${line.slice(0, 100)}" is no line of a signature`);
  return { name, id: bytes.readUInt32BE(0), signature: bytes.subarray(ID_BYTES) };
};

/** Takes a note apart; says nothing about who signed it. @throws NoteInvalid */
export const parseNote = (note: string): Note => {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw new NoteInvalid('not a signed note: no blank line before its signatures');
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split('\n');
  return { text, signatures: lines.map(parseSignature) };
};

/** Whether this verifier signed the text: the time it said for a cosignature, 0 for a plain one; undefined if it did not. */
export const signedBy = ({ text, signatures }: Note, verifier: Verifier): number | undefined => {
  const id = keyId(verifier);
  for (const { name, id: own, signature } of signatures) {
    if (name !== verifier.name || own !== id) continue;
    const dated = verifier.algorithm === COSIGNATURE;
    if (signature.length !== SIGNATURE_BYTES + (dated ? TIME_BYTES : 0)) continue;
    const seconds = dated ? Number(Buffer.from(signature).readBigUInt64BE(0)) : 0;
    const message = messageOf(text, verifier.algorithm, seconds);
    if (verify(null, message, publicKey(verifier.key), signature.subarray(dated ? TIME_BYTES : 0))) return seconds;
  }
  return undefined;
};
