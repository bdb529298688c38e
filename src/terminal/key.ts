import { InvalidArgumentError, type Command } from 'commander';
import { keyStream } from '#key/domain/key-ring.js';
import { registrationStatement, type Key, type Signed } from '#key/domain/signing.js';
import type { Revoked } from '#key/revoke-key.js';
import { fold } from '#ledger/ledger.js';
import { nameSchema } from '#ledger/schema.js';
import { short, typed } from './format.js';
import { publicPart, readPublicFile, writeKeyFiles } from './key-file.js';
import type { Session } from './session.js';
import { handedIn, signaturesFor, withSigning, type SigningOptions } from './signatures.js';

const holder = (text: string): string => {
  if (nameSchema.safeParse(text).success) return text;
  throw new InvalidArgumentError('1 to 63 of a-z, 0-9, "." and "-" are needed, a letter or digit first.');
};

type Creation = Readonly<{ name: string; out: string }>;

const create = async (session: Session, { name, out }: Creation): Promise<void> => {
  const key = session.surroundings.newKey();
  const part = publicPart(name, key);
  await writeKeyFiles(out, key, part);
  const { screen } = session;
  screen.say(`A key of ${name}, id ${part.keyId}:`);
  screen.say(`  ${out}      the private half; only you may read it, and nobody can make it again`);
  screen.say(`  ${out}.pub  the public half, to be registered:`);
  screen.say(`  ${session.commandLine(`key register ${typed(`${out}.pub`)}`)}`);
  screen.document({ ...part, privateFile: out, publicFile: `${out}.pub` });
};

const send = async (
  session: Session,
  key: Pick<Key, 'name' | 'publicKey'>,
  signatures: readonly Signed[],
): Promise<Key> => {
  const { name, publicKey } = key;
  const service = await session.service();
  if (service) return session.command<Key>(service, '/v1/keys', { name, publicKey, signatures: handedIn(signatures) });
  return session.write(async (app) => {
    const { RegisterKey } = await import('#key/register-key.js');
    const { requester } = session.surroundings;
    return app.send(new RegisterKey(name, publicKey, signatures, { requester }));
  });
};

const register = async (session: Session, file: string, options: SigningOptions): Promise<void> => {
  const part = await readPublicFile(file);
  const asked = options.printStatement || options.key || options.signature;
  const statement = registrationStatement(part);
  // The first key of a log needs no signature, and there may be no log yet.
  const signatures = asked ? await session.read(({ log }) => signaturesFor(session, log, statement, options)) : [];
  if (!signatures) return;
  const key = await send(session, part, signatures);
  const { screen } = session;
  screen.say(`The key of ${key.name} is registered, id ${key.keyId}: its signatures count from now on.`);
  screen.document(key);
};

const revoke = async (session: Session, which: string, { reason }: Readonly<{ reason: string }>): Promise<void> => {
  const service = await session.service();
  const revoked = service
    ? await session.command<Revoked>(service, `/v1/keys/${encodeURIComponent(which)}/revocation`, { reason })
    : await session.write(async (app) => {
        const { RevokeKey } = await import('#key/revoke-key.js');
        return app.send(new RevokeKey(which, reason, { requester: session.surroundings.requester }));
      });
  const { screen } = session;
  screen.say(`The key of ${revoked.name}, id ${revoked.keyId}, is revoked: it signs nothing from now on.`);
  if (revoked.live === 0)
    screen.paragraph(
      'No key is left whose signatures count, so none can be added, and nothing here can be amended or reset any more.',
    );
  screen.document(revoked);
};

const list = (session: Session): Promise<void> =>
  session.read(async ({ log }) => {
    const { keys } = (await fold(log, keyStream, '')).state;
    const { screen } = session;
    if (keys.length === 0) screen.say('No key is registered.');
    else
      screen.table({
        head: ['name', 'state', 'id', 'public key'],
        rows: keys.map(({ name, keyId, publicKey, revoked }) => [
          name,
          revoked ? 'revoked' : 'counts',
          short(keyId),
          publicKey,
        ]),
      });
    screen.document(keys);
  });

export const registerKeys = (program: Command, session: Session): void => {
  const key = program.command('key').description('whose signatures an amendment or a reset of an anchor needs');
  key
    .command('create')
    .description('make a key pair in two files; nothing of it goes into the log')
    .requiredOption('--name <name>', 'whose it is', holder)
    .requiredOption('--out <file>', 'the private half; the public half goes beside it, to <file>.pub')
    .action((creation: Creation) => create(session, creation));
  withSigning(
    key
      .command('register')
      .argument('<file>', 'the public half, as `key create` writes it')
      .description('make a key known; every one but the first is signed by somebody known'),
  ).action((file: string, options: SigningOptions) => register(session, file, options));
  key
    .command('revoke')
    .argument('<key>', 'the name of its person, or its id')
    .description('make its signatures worthless from now on')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .action((which: string, options: { reason: string }) => revoke(session, which, options));
  key
    .command('list')
    .description('every key that was registered')
    .action(() => list(session));
};
