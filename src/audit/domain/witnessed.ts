import { z } from 'zod';
import { countSchema, sha256Schema } from '#ledger/schema.js';
import { KeptTextUnusable, type KeptText } from './kept-text.js';

const FORMAT = 'prometheus-ledger/witness/v1';

/** What a witness remembers of one log: the latest checkpoint that it co-signed. */
const logSchema = z.strictObject({
  size: countSchema,
  root: sha256Schema,
  checkpoint: z.string(),
  /** Keys of the log, as verifiers of signed notes; each but the first was handed over to by one before it. */
  keys: z.array(z.string()).min(1),
  /** So many records were looked through for other keys. */
  followed: countSchema,
});
export type Witnessed = Readonly<z.output<typeof logSchema>>;

/** By the name of the log. */
const schema = z.strictObject({ format: z.literal(FORMAT), logs: z.record(z.string(), logSchema) });
export type WitnessedLogs = Readonly<Record<string, Witnessed>>;

/** @throws KeptTextUnusable: a witness that has forgotten would sign a fork, so nothing is guessed */
export const readWitnessed = async (kept: KeptText): Promise<WitnessedLogs> => {
  const text = await kept.read();
  if (text === undefined) return {};
  try {
    return schema.parse(JSON.parse(text)).logs;
  } catch {
    throw new KeptTextUnusable(`${kept.place}: does not say what a witness has seen; restore it from a backup`);
  }
};

export const writeWitnessed = (kept: KeptText, logs: WitnessedLogs): Promise<void> =>
  kept.write(`${JSON.stringify({ format: FORMAT, logs }, null, 2)}\n`);
