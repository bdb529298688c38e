import type { Command } from 'commander';
import { BadInput } from './failures.js';
import { addressOnFile, namedAddress, type Address } from './service-client.js';
import type { Session } from './session.js';

/** The service that was named, or the one on the data folder. */
const addressOf = async (session: Session): Promise<Address> => {
  const { reach, data, surroundings } = session;
  const address = (await namedAddress(reach, surroundings.token)) ?? (await addressOnFile(data, reach));
  if (address) return address;
  throw new BadInput(
    `--data ${data}: no service runs on it; start one with \`serve\`, or name one with --url and --token`,
  );
};

const train = async (session: Session): Promise<void> => {
  const { screen, surroundings } = session;
  const { url, token } = await addressOf(session);
  const { checkMachine } = await import('./machine.js');
  checkMachine(session.place);
  const { RemoteWorker } = await import('#trainer/remote-worker.js');
  const { Answered, TrainerClient } = await import('#trainer/trainer-client.js');
  const { NativeTrainer } = await import('#trainer/train-natively.js');
  const { loadNative } = await import('#trainer/native.js');
  const { MemoryArtifacts } = await import('#store/memory-artifacts.js');
  const { SystemClock } = await import('#store/system-clock.js');
  const { threads, isa, backend } = session.place;
  const training = { threads, ...(isa !== undefined && { isa }), ...(backend !== undefined && { backend }) };
  const native = new NativeTrainer(loadNative(), new SystemClock(), training);
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
  screen.say(`Training for ${url} on ${native.facts().backend}; Ctrl-C gives back what is being trained.`);
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
    .action(() => train(session));
};
