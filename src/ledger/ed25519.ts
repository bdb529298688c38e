import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { sha256 } from './digest.js';
import { canonicalJson } from './record.js';

/** Base64 as one writer writes it: other spellings of the same bytes are refused, so that a signature has one text. */
const bytesOf = (base64: string, length: number): Buffer | undefined => {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === length && bytes.toString('base64') === base64 ? bytes : undefined;
};

const publicKeyOf = (publicKey: string): KeyObject | undefined => {
  const raw = bytesOf(publicKey, 32);
  return raw && createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') } });
};

/** The exact bytes that are signed: RFC 8785 JSON of a statement, without a line end. @throws NotCanonical */
export const statementBytes = (statement: object): Uint8Array => Buffer.from(canonicalJson(statement), 'utf8');

/** Ed25519 (RFC 8032) over statements, and the digests in them. Pure: an auditor gets the same answers from the log alone. */
export const ed25519 = {
  /** SHA-256 of a value's canonical JSON, hex. */
  digest: (value: unknown): string => sha256(canonicalJson(value)),
  /** Id of a public key: SHA-256 of its 32 raw bytes, hex; undefined when these are no 32 bytes in base64. */
  fingerprint: (publicKey: string): string | undefined => {
    const raw = bytesOf(publicKey, 32);
    return raw && sha256(raw);
  },
  /** Whether this signature (64 bytes, base64) is of this statement, by the owner of this public key. */
  holds: (statement: object, signature: string, publicKey: string): boolean => {
    const [bytes, key] = [bytesOf(signature, 64), publicKeyOf(publicKey)];
    return bytes !== undefined && key !== undefined && verify(null, statementBytes(statement), key, bytes);
  },
} as const;

/** The public half of an Ed25519 key: its 32 raw bytes in base64. */
export const publicHalf = (key: KeyObject): string => {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('base64');
};

/** A signature of a statement: 64 bytes in base64. @param key an Ed25519 private key */
export const signStatement = (statement: object, key: KeyObject): string =>
  sign(null, statementBytes(statement), key).toString('base64');
