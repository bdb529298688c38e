import type { Started } from '#run/domain/run.js';
import { outcomeOf } from '#run/domain/run-facts.js';
import type { Screen } from './screen.js';
import { DEFAULT_DATA, type Session } from './session.js';

type Told = Readonly<{ seed: number; quick?: boolean }>;

export const sayIntroduction = (screen: Screen, data: string, { seed, quick = false }: Told): void => {
  const conservative = quick ? 3 : 10;
  screen.say(screen.tint('bold', 'A model that changes itself, and a log that anyone can check'), '');
  screen.paragraph(
    'A small language model is trained on text, and then proposes changes to itself, one bounded cycle at a time. A gate measures every changed model and accepts it or not. Every step becomes an event in a log that shows any later tampering, and from which everything can be computed again.',
  );
  screen.say('', 'What will happen:');
  const steps = [
    'the base is trained from a seed; it is the anchor that all else is compared with',
    `${conservative} cycles with a conservative regime, then one with an aggressive regime that should fail`,
    'every model is measured once more, on items that nobody has looked at before',
    'a copy of the log is forged, and the forgery is found',
    'the log is verified, and the whole run is trained again to the same bytes',
  ];
  steps.forEach((step, at) => screen.paragraph(step, `  ${at + 1}. `));
  screen.say('');
  const time = quick ? 'about a minute' : 'about three minutes';
  screen.paragraph(
    `The demo is set up so that both outcomes occur, accepted and rejected: it shows how it works and is no evidence that it helps. On two quiet cores it takes ${time}. Data: ${data} (seed ${seed}).`,
  );
  screen.say('');
};

/** What a stranger may type now. */
export const sayNextSteps = (session: Session, data: string, run: Started): void => {
  const { screen } = session;
  const name = run.config.run;
  const judged = run.cycles.filter(({ verdict }) => verdict);
  const of = (outcome: string): number | undefined => judged.find((cycle) => outcomeOf(cycle) === outcome)?.cycle;
  const explained = of('REJECT') ?? of('INCONCLUSIVE') ?? of('ACCEPT');
  screen.title('What to do next');
  if (explained !== undefined)
    session.suggest('why the gate decided as it did, rule by rule', `verdict explain ${name} ${explained}`, data);
  session.suggest('every cycle in one table', `run show ${name}`, data);
  session.suggest('go back to an accepted model', `run rollback ${name} --to 0 --reason "try it"`, data);
  session.suggest('the model for transformers and ONNX', `checkpoint export ${name} --to ./exported`, data);
  session.suggest('a run of your own, on your own text', 'run init my-run.yaml', DEFAULT_DATA);
};
