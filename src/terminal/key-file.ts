import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { publicKeySchema } from '#key/domain/events.js';
import { ed25519, publicHalf } from '#ledger/ed25519.js';
import { nameSchema, sha256Schema } from '#ledger/schema.js';
import { BadInput } from './failures.js';

/** What a person gives away of a key: `key create` writes it beside the private half. */
const publicFileSchema = z.strictObject({ name: nameSchema, keyId: sha256Schema, publicKey: publicKeySchema });
export type PublicKeyFile = Readonly<z.output<typeof publicFileSchema>>;

export const publicPart = (name: string, key: KeyObject): PublicKeyFile => {
  const publicKey = publicHalf(key);
  return { name, keyId: ed25519.fingerprint(publicKey) ?? '', publicKey };
};

const PRIVATE = 0o600;
const PUBLIC = 0o644;

const writeNew = (path: string, content: string, mode: number): Promise<void> =>
  writeFile(path, content, { flag: 'wx', mode }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST')
      throw new BadInput(`--out: ${path} exists already, and no key is written over another`);
    throw error;
  });

/** Writes both halves, or neither. @throws BadInput where one of the files exists */
export const writeKeyFiles = async (path: string, key: KeyObject, part: PublicKeyFile): Promise<void> => {
  const beside = `${path}.pub`;
  await writeNew(beside, `${JSON.stringify(part, null, 2)}\n`, PUBLIC);
  try {
    await writeNew(path, key.export({ type: 'pkcs8', format: 'pem' }).toString(), PRIVATE);
  } catch (error) {
    await rm(beside);
    throw error;
  }
};

/** A private key from a PEM file (PKCS#8). @throws BadInput */
export const readPrivateKey = async (path: string): Promise<KeyObject> => {
  const pem = await readFile(path, 'utf8');
  const key = ((): KeyObject | undefined => {
    try {
      return createPrivateKey(pem);
    } catch {
      return undefined;
    }
  })();
  if (key?.asymmetricKeyType === 'ed25519') return key;
  const what = key ? `a key for ${key.asymmetricKeyType}` : 'no private key that can be read';
  throw new BadInput(`--key ${path}: holds ${what}; an Ed25519 key in PEM is needed, as \`key create\` writes it`);
};

/** @throws BadInput */
export const readPublicFile = async (path: string): Promise<PublicKeyFile> => {
  const text = await readFile(path, 'utf8');
  const parsed = ((): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  })();
  const found = publicFileSchema.safeParse(parsed);
  if (found.success && ed25519.fingerprint(found.data.publicKey) === found.data.keyId) return found.data;
  const why = found.success ? 'its keyId is not that of its publicKey' : 'name, keyId and publicKey are needed';
  throw new BadInput(`${path}: is no public key file: ${why}; \`key create\` writes one beside the private key`);
};
