import { InvalidArgumentError, type Command } from 'commander';
import { COSIGNATURE } from '#ledger/note.js';
import type { WitnessPlace } from '#publishing.js';
import { BadInput } from './failures.js';
import { namingService } from './service-client.js';
import { addStoreOptions, storesOf, type StoreOptions } from './serve-stores.js';
import { whole, type Session } from './session.js';
import { keyOf } from './verify-options.js';

export const DEFAULT_PORT = 4680;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

const logLevel = (text: string): string => {
  if (!LEVELS.includes(text)) throw new InvalidArgumentError(`One of ${LEVELS.join(', ')} is needed.`);
  return text;
};

type Options = StoreOptions &
  Readonly<{
    port: number;
    logLevel: string;
    rateLimit?: number;
    trainer: boolean;
    loop: boolean;
    lease: number;
    witness?: string;
    witnessKey?: string;
  }>;

const CANNOT_LISTEN: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; choose another --port, or 0 for any that is free',
  EADDRNOTAVAIL: 'this machine has no such address; 127.0.0.1 is itself, 0.0.0.0 all its addresses',
  ENOTFOUND: 'no machine of this name is known; give an address of this one, such as 127.0.0.1',
  EACCES: 'the system does not let you listen there; choose a --port from 1024 on',
};

/** Why nothing can be served at the address that was asked for; undefined for other errors. */
export const cannotListen = (
  { code, path }: NodeJS.ErrnoException,
  host: string,
  port: number,
): BadInput | undefined => {
  const why = path === undefined && code !== undefined ? CANNOT_LISTEN[code] : undefined;
  return why === undefined ? undefined : new BadInput(`--host ${host} --port ${port}: ${why}`);
};

const DEFAULT_LEASE_SECONDS = 60;
const MOST_LEASE_SECONDS = 86_400;

/** @throws BadInput where one of the two is missing, or is none */
const witnessOf = async ({ witness: url, witnessKey }: Options): Promise<WitnessPlace | undefined> => {
  if (url === undefined && witnessKey === undefined) return undefined;
  if (url === undefined || witnessKey === undefined)
    throw new BadInput('--witness and --witness-key: both are needed, where the witness is and what it signs with');
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new BadInput(`--witness ${url}: an address such as http://127.0.0.1:4690 is needed`);
  const key = await keyOf(witnessKey, '--witness-key');
  if (key.algorithm === COSIGNATURE) return { url, key };
  throw new BadInput(`--witness-key ${witnessKey}: is the key of a log; \`witness\` says which key it co-signs with`);
};

const serve = async (session: Session, options: Options): Promise<void> => {
  session.requireFolder();
  const { host, port, logLevel: level, rateLimit, trainer, loop, lease } = options;
  const { screen, surroundings } = session;
  const stores = storesOf(options, surroundings.eventStoreUrl);
  const witness = await witnessOf(options);
  const interrupted = new Promise<void>((resolve) => surroundings.onInterrupt(resolve));
  const { backend } = session.place;
  if (!trainer && backend !== undefined)
    throw new BadInput(`--backend ${backend}: --no-trainer trains nothing in this process; leave out one of them`);
  const { checkMachine } = await import('./machine.js');
  checkMachine(session.place);
  const { startService } = await import('#main.js');
  const service = await startService({
    ...session.place,
    host,
    port,
    owner: surroundings.requester,
    trains: trainer,
    drives: loop,
    ...stores,
    ...(surroundings.databaseUrl && { databaseUrl: surroundings.databaseUrl }),
    leaseMs: lease * 1000,
    logging: { level, stream: surroundings.stderr },
    ...(witness && { witness }),
    ...(rateLimit !== undefined && { mostPerMinute: rateLimit }),
  }).catch(async (error: NodeJS.ErrnoException) => {
    throw cannotListen(error, host, port) ?? (await namingService(error, session.data));
  });
  if (service.gateway !== undefined) screen.say(`The event_store.client protocol is spoken at ${service.gateway}`);
  screen.say(`Serving ${session.data} at ${service.url}`, 'Ctrl-C stops it; nothing is lost.');
  await interrupted;
  screen.say('Stopping …');
  await service.close();
  screen.say('Stopped.');
};

export const registerServe = (program: Command, session: Session): void => {
  const command = program
    .command('serve')
    .description('run as a service: runs go on by themselves, questions are answered over HTTP')
    .option('--host <address>', 'where to listen; anything but a loopback address asks for tokens', '127.0.0.1')
    .option('--port <n>', 'the port; 0 takes one that is free', whole(0, 65_535), DEFAULT_PORT)
    .option('--no-trainer', 'train nothing in this process; wait for trainers in others')
    .option(
      '--lease <seconds>',
      'how long a trainer in another process may be silent before its update is given to the next',
      whole(1, MOST_LEASE_SECONDS),
      DEFAULT_LEASE_SECONDS,
    )
    .option('--log-level <level>', `how much is logged to standard error: ${LEVELS.join(', ')}`, logLevel, 'info')
    .option(
      '--rate-limit <n>',
      'requests a minute of one caller; 0: any number (default: 60000 on loopback, else 6000)',
      whole(0, 100_000_000),
    )
    .option('--witness <address>', 'publish only checkpoints that this witness co-signs (c2sp.org/tlog-witness)')
    .option('--witness-key <key>', "the witness's public key, or a file with it");
  addStoreOptions(command).action((options: Options) => serve(session, options));
};
