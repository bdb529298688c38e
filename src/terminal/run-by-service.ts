import { isAtRest } from '#run/domain/next-step.js';
import type { Started } from '#run/domain/run.js';
import type { HttpService } from '#store/http-service.js';
import type { Application } from './application.js';
import { RunStory, type Advanced } from './run-story.js';
import type { Session } from './session.js';

/** Tells a run that a service goes on with, until nothing is left to do or the reader has seen enough. */
export const followTold = async (
  session: Session,
  { log, listener }: Application,
  name: string,
  known = false,
): Promise<Advanced> => {
  const stop = new AbortController();
  const unlisten = session.surroundings.onInterrupt(() => stop.abort());
  listener.only = name;
  const story = new RunStory(log, name, session.screen);
  try {
    await story.catchUp({ silently: known });
    await story.follow(stop.signal, isAtRest);
  } finally {
    unlisten();
  }
  const run = story.run as Started;
  return { run, interrupted: stop.signal.aborted && !isAtRest(run) };
};

/** What to type after an interrupt, which ends the following and not the run. */
export const sayDetached = (session: Session, { url }: HttpService, name: string): void =>
  session.screen.say(
    '',
    `The service at ${url} goes on with the run. To follow it again, and to halt it:`,
    `  ${session.commandLine(`run watch ${name}`)}`,
    `  ${session.commandLine(`run halt ${name} --reason "why"`)}`,
  );
