import { InvalidArgumentError, type Command } from 'commander';
import { readWitnessed } from '#audit/domain/witnessed.js';
import { NotaryKey } from '#audit/notary-key.js';
import { Witness } from '#audit/witness.js';
import { followingKeys, witnessPublished } from '#audit/witness-pull.js';
import { listenAsWitness } from '#audit/witness-server.js';
import { COSIGNATURE, ED25519, formatVerifier, parseVerifier, type Signer, type Verifier } from '#ledger/note.js';
import type { TileStore } from '#ledger/tile-store.js';
import { OwnerFile } from '#store/owner-file.js';
import { RandomSecrets } from '#store/random-ids.js';
import { posixSeconds } from '#store/system-clock.js';
import { BadInput } from './failures.js';
import { logAt, placed } from './published-log.js';
import { cannotListen } from './serve.js';
import type { Session } from './session.js';
import { keyOf } from './verify-options.js';

type Address = Readonly<{ host: string; port: number }>;
type Options = Readonly<{ state: string; key: string; name?: string; trust?: readonly string[]; listen?: Address }>;

const trustedKeys = (given: readonly string[]): Promise<readonly Verifier[]> =>
  Promise.all(
    given.map(async (one) => {
      const key = await keyOf(one, '--trust');
      if (key.algorithm === ED25519) return key;
      throw new BadInput(`--trust ${one}: is the key of a witness; that of the log is needed`);
    }),
  );

/** Keys of the log: those that were given, else, while nothing was co-signed yet, the one that lies beside it. */
const keysOf = async (
  trust: readonly string[],
  kept: OwnerFile,
  tiles: TileStore | undefined,
): Promise<readonly Verifier[]> => {
  if (trust.length > 0) return trustedKeys(trust);
  if (Object.keys(await readWitnessed(kept)).length > 0) return [];
  const beside = await tiles?.read('key.pub');
  if (beside) return [parseVerifier(Buffer.from(beside).toString('utf8'))];
  throw new BadInput("--trust: the log's public key is needed, or an address of the log that has its key.pub");
};

const once = async (session: Session, witness: Witness, tiles: TileStore): Promise<void> => {
  const { screen } = session;
  const outcome = await placed(session, witnessPublished(witness, tiles));
  if (outcome.status === 200) {
    const { origin, size, root } = outcome.checkpoint;
    screen.say(outcome.note.trimEnd());
    screen.document({ ok: true, origin, size, root: Buffer.from(root).toString('hex'), checkpoint: outcome.note });
    return;
  }
  screen.paragraph(`NOT co-signed: ${outcome.message}`, '', 'bad');
  screen.document({ ok: false, status: outcome.status, message: outcome.message, cosigned: outcome.size });
  session.failCheck();
};

const listen = async (session: Session, witness: Witness, signer: Signer, address: Address): Promise<void> => {
  const { screen, surroundings } = session;
  const interrupted = new Promise<void>((resolve) => surroundings.onInterrupt(resolve));
  const tell = (error: Error): void => void surroundings.stderr.write(`${error.message}\n`);
  const { host, port } = address;
  const listening = await listenAsWitness(witness, address, tell).catch((error: NodeJS.ErrnoException) => {
    throw cannotListen(error, host, port) ?? error;
  });
  screen.say(
    `Witnessing at ${listening.url}`,
    `  ${formatVerifier(signer.verifier)}`,
    'Ctrl-C stops it; nothing is lost.',
  );
  await interrupted;
  await listening.close();
  screen.say('Stopped.');
};

const witnessing = async (session: Session, place: string | undefined, options: Options): Promise<void> => {
  const { state, key, name, trust = [], listen: address } = options;
  if (place === undefined && !address)
    throw new BadInput('the address of a log is needed, or --listen to be handed checkpoints');
  const tiles = place === undefined ? undefined : await logAt(session, place);
  const kept = new OwnerFile(state);
  const keys = await keysOf(trust, kept, tiles);
  const signer = await new NotaryKey(key, new RandomSecrets(), name, COSIGNATURE).signer();
  const witness = new Witness(kept, signer, keys, posixSeconds, tiles && followingKeys(tiles));
  if (address) await listen(session, witness, signer, address);
  else if (tiles) await once(session, witness, tiles);
};

const listenAt = (text: string): Address => {
  const [, host = '', digits = ''] = /^(?:(\[[0-9a-f:]+\]|[^:\s]+):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535)
    throw new InvalidArgumentError('A port or an address such as 127.0.0.1:4690 is needed.');
  return { host: host === '' ? '127.0.0.1' : host.replaceAll(/[[\]]/g, ''), port };
};

const collect = (key: string, before: readonly string[] = []): readonly string[] => [...before, key];

export const registerWitness = (program: Command, session: Session): void => {
  program
    .command('witness')
    .argument('[log]', 'address of a published log such as http://host/log, or a folder with one')
    .description('keep the latest checkpoint of a log and co-sign what grew from it; exit 1 where it did not')
    .requiredOption('--state <file>', 'what was co-signed last; whoever loses it could sign a fork')
    .requiredOption('--key <file>', 'the key of the witness; made at the first use, readable by its owner alone')
    .option('--name <name>', 'what the witness is called when its key is made')
    .option(
      '--trust <key>',
      "a public key of the log, or a file with it; may be repeated (default: the log's key.pub)",
      collect,
    )
    .option('--listen <address>', 'be handed checkpoints over HTTP (c2sp.org/tlog-witness) until Ctrl-C', listenAt)
    .action((place: string | undefined, options: Options) => witnessing(session, place, options));
};
