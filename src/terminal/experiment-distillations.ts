import { isAtRest } from '#distillation/domain/distillation.js';
import { knownDistillations } from '#distillation/known-distillations.js';
import { distillationFile } from '#experiment/domain/distilled.js';
import { eachOnce } from '#experiment/domain/planned-runs.js';
import type { KnownExperiment } from '#experiment/known-experiments.js';
import type { Application } from './application.js';
import { stepsOf } from './distillation.js';
import { duration, share } from './format.js';
import type { Session } from './session.js';

export type Distilled = Readonly<{ distillation: string; number: number; seed: number; done: number; all: number }>;

/** How far each of them is. */
export const distilledSoFar = async ({ log }: Application, known: KnownExperiment): Promise<readonly Distilled[]> => {
  const begun = new Map((await knownDistillations(log)).map((one) => [one.config.distillation, one]));
  const all = 1 + 3 * known.state.registration.arms.length;
  return eachOnce(known.planned).map(({ run, number, seed }) => {
    const one = begun.get(run);
    return { distillation: run, number, seed, done: one ? stepsOf(one).done : 0, all };
  });
};

/** Makes the distillations of an experiment, seed after seed, each with all threads; answers how many are at their end. */
export const distilAll = async (
  session: Session,
  app: Application,
  known: KnownExperiment,
  signal: AbortSignal,
): Promise<number> => {
  const { screen, surroundings } = session;
  const { AdvanceDistillation } = await import('#distillation/advance-distillation.js');
  const { StartDistillation } = await import('#distillation/start-distillation.js');
  const { registration } = known.state;
  const before = await distilledSoFar(app, known);
  const [open, began] = [before.filter(({ done, all }) => done < all), surroundings.now()];
  if (open.length < before.length)
    screen.say(`${before.length - open.length} of ${before.length} seeds are at their end already.`);
  for (const [at, { distillation: run, seed, done }] of open.entries()) {
    if (signal.aborted) break;
    screen.progress.working(`${run}: reading the text and drawing the sequences`);
    if (done === 0) {
      const begun = (await knownDistillations(app.log)).some(({ config }) => config.distillation === run);
      const file = distillationFile(registration, { run, seed });
      const { requester } = surroundings;
      if (!begun) await app.send(new StartDistillation(file, { requester }, registration.experiment));
    }
    const begun = await app.send(new AdvanceDistillation(run, signal));
    if (!isAtRest(begun)) break;
    const left = ((surroundings.now() - began) / 1_000 / (at + 1)) * (open.length - at - 1);
    const exact = (figures: Readonly<{ exactMean: number }> | undefined): string =>
      figures ? share(figures.exactMean) : 'there is none';
    const ofArms = begun.config.arms.map(({ arm }) => `${arm} ${exact(begun.students[arm]?.transfer?.downstream)}`);
    const rest = left > 0 ? `; about ${duration(left)} left` : '';
    const place = `  ${before.length - open.length + at + 1} of ${before.length}  ${run}  `;
    screen.paragraph(`exact answers: teacher ${exact(begun.teacher?.downstream)}, ${ofArms.join(', ')}${rest}`, place);
  }
  return (await distilledSoFar(app, known)).filter(({ done, all }) => done === all).length;
};
