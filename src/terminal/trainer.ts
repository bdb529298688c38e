import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { BadInput } from './failures.js';
import type { Session } from './session.js';

type Options = Readonly<{ url?: string; token?: string; tokenFile?: string }>;

const tokenOf = async ({ token, tokenFile }: Options): Promise<string | undefined> => {
  if (tokenFile === undefined) return token;
  const text = await readFile(tokenFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new BadInput(`--token-file ${tokenFile}: cannot be read (${error.code})`);
  });
  return text.trim();
};

/** The service that was named, or the one on the data folder. */
const serviceOf = async (session: Session, options: Options): Promise<{ url: string; token: string | undefined }> => {
  const token = await tokenOf(options);
  if (options.url !== undefined) {
    if (!URL.canParse(options.url) || !/^https?:/.test(options.url))
      throw new BadInput(`--url ${options.url}: an address such as http://127.0.0.1:4680 is needed`);
    return { url: options.url, token };
  }
  const { readServiceFile } = await import('#doors/service-file.js');
  const file = await readServiceFile(session.data);
  if (!file)
    throw new BadInput(
      `--data ${session.data}: no service runs on it; start one with \`serve\`, or name one with --url and --token`,
    );
  return { url: file.url, token: token ?? file.secret };
};

const train = async (session: Session, options: Options): Promise<void> => {
  const { screen, surroundings } = session;
  const { url, token } = await serviceOf(session, options);
  const { RemoteWorker } = await import('#trainer/remote-worker.js');
  const { Answered, TrainerClient } = await import('#trainer/trainer-client.js');
  const { NativeTrainer } = await import('#trainer/train-natively.js');
  const { loadNative } = await import('#trainer/native.js');
  const { MemoryArtifacts } = await import('#store/memory-artifacts.js');
  const { SystemClock } = await import('#store/system-clock.js');
  const { threads, isa } = session.place;
  const native = new NativeTrainer(loadNative(), new SystemClock(), { threads, ...(isa !== undefined && { isa }) });
  const stop = new AbortController();
  const unlisten = surroundings.onInterrupt(() => {
    screen.say('Stopping …');
    stop.abort();
  });
  let trouble: string | null = null;
  const client = new TrainerClient(url, token, (message) => {
    if (message !== null && trouble === null) screen.say(`No answer from ${url}: ${message}; asking again …`);
    if (message === null && trouble !== null) screen.say(`${url} answers again.`);
    trouble = message;
  });
  const worker = new RemoteWorker(client, native, () => new MemoryArtifacts(), {
    say: (text) => screen.say(text),
    progress: ({ cycle }, { step, steps, tokens, tokensPerSecond }) => {
      const left = step > 0 ? (tokens / step) * (steps - step) : 0;
      const label = cycle === 0 ? 'training the base' : `training cycle ${cycle}`;
      screen.progress.update({ label, done: step, total: steps, tokensPerSecond, left });
    },
  });
  screen.say(`Training for ${url}; Ctrl-C gives back what is being trained.`);
  try {
    await worker.work(stop.signal);
  } catch (error) {
    throw error instanceof Answered ? new BadInput(`${url}: ${error.message}`) : error;
  } finally {
    unlisten();
    screen.progress.clear();
  }
  screen.say('Stopped.');
};

export const registerTrainer = (program: Command, session: Session): void => {
  program
    .command('trainer')
    .description('train for a service, in this process: claims updates, trains them, sends what came of them')
    .option('--url <address>', 'of the service (default: the one that runs on the data folder)')
    .option('--token <secret>', 'with the right "trainer"; other users of this machine may see it in the process list')
    .option('--token-file <path>', 'a file with the token in it')
    .action((options: Options) => train(session, options));
};
