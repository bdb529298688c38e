import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { isLoopback } from '#access/binding.js';
import { BadInput } from './failures.js';
import { whole } from './session.js';

/** Where the log of a service lies, and whether clients of an event store are served. */
export type StoreOptions = Readonly<{
  host: string;
  store: 'embedded' | 'eventstore';
  eventstore?: string;
  gatewayPort?: number;
  gatewayCert?: string;
  gatewayKey?: string;
}>;

type Stores = Readonly<{
  eventStore?: string;
  gateway?: Readonly<{ port: number; tls?: Readonly<{ cert: Buffer; key: Buffer }> }>;
}>;

const fileOf = (option: string, path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new BadInput(`${option} ${path}: it cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
};

const eventStoreOf = ({ store, eventstore }: StoreOptions, given: string | undefined): string | undefined => {
  if (store === 'embedded') {
    if (eventstore !== undefined)
      throw new BadInput(`--eventstore ${eventstore}: the log lies in the data folder; say --store eventstore as well`);
    return undefined;
  }
  const address = eventstore ?? given;
  if (address === undefined)
    throw new BadInput('--store eventstore: which one is missing; give --eventstore esdb://..., or set EVENTSTORE_URL');
  return address;
};

const gatewayOf = (options: StoreOptions): Stores['gateway'] => {
  const { host, store, gatewayPort: port, gatewayCert: cert, gatewayKey: key } = options;
  if (port === undefined) {
    if (cert !== undefined || key !== undefined)
      throw new BadInput('--gateway-cert, --gateway-key: there is no gateway without --gateway-port');
    return undefined;
  }
  if (store === 'eventstore')
    throw new BadInput(`--gateway-port ${port}: the gateway serves a log in the data folder, --store names another`);
  if (cert !== undefined && key !== undefined)
    return { port, tls: { cert: fileOf('--gateway-cert', cert), key: fileOf('--gateway-key', key) } };
  if (cert !== undefined || key !== undefined)
    throw new BadInput('--gateway-cert, --gateway-key: a certificate and its key are needed both');
  if (!isLoopback(host))
    throw new BadInput(
      `--gateway-port ${port}: at ${host} others could listen in; give --gateway-cert and --gateway-key, or --host 127.0.0.1`,
    );
  return { port };
};

/** @throws BadInput */
export const storesOf = (options: StoreOptions, eventStoreUrl: string | undefined): Stores => {
  const eventStore = eventStoreOf(options, eventStoreUrl);
  const gateway = gatewayOf(options);
  return { ...(eventStore !== undefined && { eventStore }), ...(gateway && { gateway }) };
};

export const addStoreOptions = (serve: Command): Command =>
  serve
    .addOption(
      new Option('--store <kind>', 'where the log lies: in the data folder, or in an event store')
        .choices(['embedded', 'eventstore'])
        .default('embedded'),
    )
    .option('--eventstore <address>', 'connection string (esdb://...) for --store eventstore (default: EVENTSTORE_URL)')
    .option(
      '--gateway-port <n>',
      'serve the log to clients of EventStoreDB too, at this port; 0 takes one that is free',
      whole(0, 65_535),
    )
    .option('--gateway-cert <file>', 'its certificate in PEM, needed beyond loopback')
    .option('--gateway-key <file>', "the certificate's private key in PEM")
    .option('--no-loop', 'let no run go on in this process; another service on the same log does');
