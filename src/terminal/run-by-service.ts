import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Run, Started } from '#run/domain/run.js';
import { BadInput, INTERRUPTED } from './failures.js';
import { ServiceClient, serviceOn } from './service-client.js';
import { RunStory } from './run-story.js';
import type { Session } from './session.js';

export type Reaching = Readonly<{ url?: string; tokenFile?: string }>;
/** `local`: it runs on the data folder at hand, whose log can be read beside it. */
export type Reached = Readonly<{ client: ServiceClient; local: boolean }>;

/** The options of a command that a service can carry out. */
export const offeringService = (command: Command): Command =>
  command
    .option('--url <address>', 'have this service do it (default: the one that runs on the data folder, if any)')
    .option('--token-file <path>', 'a file with the token for it');

const readToken = async (path: string | undefined): Promise<string> => {
  if (path === undefined) return '';
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new BadInput(`--token-file ${path}: cannot be read (${error.code})`);
  });
  return text.trim();
};

/** The service that is to do it; undefined: none runs here, so this process does it itself. */
export const reachService = async (session: Session, { url, tokenFile }: Reaching): Promise<Reached | undefined> => {
  if (url === undefined) {
    const client = await serviceOn(session.data);
    return client && { client, local: true };
  }
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new BadInput(`--url ${url}: an address such as http://127.0.0.1:4680 is needed`);
  return { client: new ServiceClient(url, await readToken(tokenFile)), local: false };
};

type Fields = { [field: string]: unknown };
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** The run file with its paths as this process means them: the service runs in another folder. */
export const withFullPaths = (file: Fields): Fields => {
  const full = structuredClone(file);
  const inputs = isFields(full['corpora']) ? Object.values(full['corpora']) : [];
  for (const input of inputs)
    if (isFields(input) && typeof input['path'] === 'string') input['path'] = resolve(input['path']);
  const { base } = full;
  if (isFields(base) && typeof base['checkpoint'] === 'string') base['checkpoint'] = resolve(base['checkpoint']);
  return full;
};

const isAtRest = (run: Run): boolean => run.status === 'completed' || run.status === 'halted';

/** Tells a run that a service goes on with, until it rests or the reader has seen enough. */
export const followRun = (
  session: Session,
  name: string,
  { silently }: Readonly<{ silently: boolean }>,
): Promise<Readonly<{ run: Started; interrupted: boolean }>> =>
  session.read(async ({ log }) => {
    const stop = new AbortController();
    const unlisten = session.surroundings.onInterrupt(() => stop.abort());
    const story = new RunStory(log, name, session.screen);
    try {
      await story.catchUp({ silently });
      await story.follow(stop.signal, isAtRest);
    } finally {
      unlisten();
    }
    const run = story.run as Started;
    const interrupted = stop.signal.aborted && !isAtRest(run);
    if (interrupted) {
      session.code = INTERRUPTED;
      session.screen.say(
        '',
        'The service goes on with it. To follow it again:',
        `  ${session.commandLine(`run watch ${name}`)}`,
      );
    }
    return { run, interrupted };
  });
