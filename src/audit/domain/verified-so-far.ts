import { z } from 'zod';
import { countSchema, sha256Schema } from '#ledger/schema.js';

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

/** Keeps it, readable by its owner alone. */
export abstract class VerifiedStore {
  /** Where it is, for people. */
  abstract readonly place: string;
  /** Undefined where nothing was verified yet. */
  abstract read(): Promise<string | undefined>;
  abstract write(text: string): Promise<void>;
}

/** A file that should say how far a log was verified, and does not. */
export class VerifiedUnreadable extends Error {
  override readonly name = 'VerifiedUnreadable';
}

/** @throws VerifiedUnreadable */
export const readVerified = async (store: VerifiedStore): Promise<VerifiedSoFar | undefined> => {
  const text = await store.read();
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new VerifiedUnreadable(`${store.place}: does not say how far a log was verified; remove it to begin anew`);
  }
};

export const writeVerified = (store: VerifiedStore, verified: VerifiedSoFar): Promise<void> =>
  store.write(`${JSON.stringify(verified, null, 2)}\n`);
