import { z } from 'zod';
import { countSchema, sha256Schema } from '#ledger/schema.js';
import { KeptTextUnusable, type KeptText } from './kept-text.js';

export const FORMAT = 'prometheus-ledger/verified-so-far/v1';

/** How far a log was verified: what the next verification goes on from. Whoever may change it decides what is checked. */
const schema = z.strictObject({
  format: z.literal(FORMAT),
  /** Records verified, all of them signed, and the root over them. */
  size: z.int().positive(),
  root: sha256Schema,
  /** Where the last of them stands. */
  position: z.int().positive(),
  /** The checkpoint over them, as it was signed. */
  checkpoint: z.string(),
  /** The key that it is signed with, as a verifier of signed notes. */
  key: z.string(),
  /** Revision that comes next in each stream. */
  streams: z.record(z.string(), countSchema).readonly(),
});
export type VerifiedSoFar = Readonly<z.output<typeof schema>>;

/** @throws KeptTextUnusable */
export const readVerified = async (store: KeptText): Promise<VerifiedSoFar | undefined> => {
  const text = await store.read();
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new KeptTextUnusable(`${store.place}: does not say how far a log was verified; remove it to begin anew`);
  }
};

export const writeVerified = (store: KeptText, verified: VerifiedSoFar): Promise<void> =>
  store.write(`${JSON.stringify(verified, null, 2)}\n`);
