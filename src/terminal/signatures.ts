import { InvalidArgumentError, type Command } from 'commander';
import { signatureTextSchema } from '#key/domain/events.js';
import { keyStream } from '#key/domain/key-ring.js';
import type { Signed, Statement } from '#key/domain/signing.js';
import { ed25519, publicHalf, signStatement, statementBytes } from '#ledger/ed25519.js';
import { fold } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { nameSchema } from '#ledger/schema.js';
import { BadInput } from './failures.js';
import { readPrivateKey } from './key-file.js';
import type { Session } from './session.js';

/** How the people who agree to something say so: with their key here, or with a signature made elsewhere. */
export type SigningOptions = Readonly<{
  key?: readonly string[];
  signature?: readonly Signed[];
  printStatement?: boolean;
}>;

const further = (file: string, before: readonly string[] = []): readonly string[] => [...before, file];

const signed = (text: string, before: readonly Signed[] = []): readonly Signed[] => {
  const at = text.indexOf(':');
  const [name, signature] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  if (!nameSchema.safeParse(name).success || !signatureTextSchema.safeParse(signature).success)
    throw new InvalidArgumentError('NAME:BASE64 is needed, the 64 bytes of a signature in base64.');
  return [...before, { name, signature }];
};

export const withSigning = (command: Command): Command =>
  command
    .option('--key <file>', 'sign with the private key in this file; may be repeated', further)
    .option('--signature <name:base64>', 'a signature that was made elsewhere; may be repeated', signed)
    .option('--print-statement', 'print the exact bytes to be signed, and do nothing');

const signHere = async (log: Log, file: string, statement: Statement): Promise<Signed> => {
  const key = await readPrivateKey(file);
  const { state } = await fold(log, keyStream, '');
  const keyId = ed25519.fingerprint(publicHalf(key));
  const known = state.keys.find((one) => one.keyId === keyId);
  if (!known)
    throw new BadInput(`--key ${file}: the key ${keyId} is not registered; \`key list\` shows those that are`);
  return { name: known.name, keyId: known.keyId, signature: signStatement(statement, key) };
};

/**
 * Prints the statement where only that was asked for; else the signatures under it.
 * @returns undefined when nothing more is to be done
 */
export const signaturesFor = async (
  session: Session,
  log: Log,
  statement: Statement,
  { key = [], signature = [], printStatement = false }: SigningOptions,
): Promise<readonly Signed[] | undefined> => {
  if (!printStatement) {
    const made: Signed[] = [];
    for (const file of key) made.push(await signHere(log, file, statement));
    return [...signature, ...made];
  }
  const text = Buffer.from(statementBytes(statement)).toString('utf8');
  // No line end: these bytes are signed as they are.
  if (!session.screen.json) session.surroundings.stdout.write(text);
  session.screen.document({ statement: text });
  return undefined;
};

/** What a service is sent: it finds a person's key by the name. */
export const handedIn = (signatures: readonly Signed[]): readonly Pick<Signed, 'name' | 'signature'>[] =>
  signatures.map(({ name, signature }) => ({ name, signature }));
