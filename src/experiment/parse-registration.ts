import { treatmentSchema } from '#distillation/domain/config.js';
import { InvalidRequest } from '#doors/dispatch.js';
import { explainIssue } from '#doors/explain-issue.js';
import { runFileSchema, type RunFile } from '#run/domain/run-file.js';
import { isFieldPath } from '#run/domain/run-fields.js';
import { runConfig } from '#run/domain/run-settings.js';
import { unstartable } from '#run/domain/startable.js';
import { registrationSchema } from './domain/checked-registration.js';
import { armFile } from './domain/planned-runs.js';
import { EXACT, familyIn, type Registration } from './domain/registration.js';
import { settingsOf, withSettings } from './domain/spelled-out.js';

/** The run file of an arm, or of one without any changes. @throws InvalidRequest where it is none */
const fileOf = (registration: Registration, arm: string, where: string): RunFile => {
  const { experiment } = registration;
  const input = armFile(registration, { run: experiment, seed: 1, of: { experiment, arm } });
  const file = runFileSchema.safeParse(input);
  if (!file.success) throw new InvalidRequest(`${where}: ${explainIssue(file.error.issues[0], input, runFileSchema)}`);
  return file.data;
};

/** @throws InvalidRequest where the arm's run file is none, no run of it could begin, or it lacks what is read of it */
const checkedArm = (registration: Registration, { arm, changes }: Registration['arms'][number]): RunFile => {
  const odd = Object.keys(changes).find((path) => !isFieldPath(path));
  if (odd !== undefined)
    throw new InvalidRequest(`arm ${arm}: changes: "${odd}" names no field; write a path such as base.steps`);
  const file = fileOf(registration, arm, `arm ${arm}`);
  const config = runConfig(file, { constitution: { id: file.constitution.name, version: 1 }, parent: null });
  const against = unstartable(file.constitution, config);
  if (against !== undefined) throw new InvalidRequest(`arm ${arm}: ${against}`);
  registration.hypotheses.forEach(({ metric, arm: one, against }, at) => {
    const family = familyIn(metric);
    if (family === undefined || ![one, against].includes(arm) || file.targets.some((name) => name === family)) return;
    throw new InvalidRequest(
      `hypotheses.${at}.metric: "${metric}": the targets of arm ${arm} are ${file.targets.join(', ')}`,
    );
  });
  return file;
};

/** How each arm is taught with everything said that this build fills in. */
const withTreatments = (registration: Registration): Registration => ({
  ...registration,
  arms: registration.arms.map((one) => ({ ...one, changes: treatmentSchema.parse(one.changes) })),
});

/** A distillation has no cycles, and is first of all about what students can do. */
const ofStudents = (given: unknown): unknown =>
  typeof given === 'object' && given !== null && 'distillation' in given
    ? { cycles: 1, primaryMetric: EXACT, ...given }
    : given;

/**
 * An experiment as somebody wrote it, with everything that was left out.
 * @param others registered before; one that names another to be paired with takes its run file from it, and is checked by its shape alone where that one is not among them
 * @throws InvalidRequest naming field, value and what is allowed
 */
export const parseRegistration = (given: unknown, others: readonly Registration[] = []): Registration => {
  const input = ofStudents(given);
  const result = registrationSchema.safeParse(input);
  if (!result.success) throw new InvalidRequest(explainIssue(result.error.issues[0], input, registrationSchema));
  if (result.data.distillation) return withTreatments(result.data);
  const { pairedWith, run } = result.data;
  const partner = others.find(({ experiment }) => experiment === pairedWith);
  if (pairedWith !== undefined && !partner) return result.data;
  const shared = partner && Object.keys(run).length === 0 ? partner.run : run;
  const bare = { ...result.data, run: shared, arms: [] };
  // Arms change what the file says in full, so that a field of a regime that it only names can be changed.
  const registration = { ...result.data, run: settingsOf(fileOf(bare, 'shared', 'run')) };
  const own = registration.arms.filter(({ sameAs }) => sameAs === undefined);
  return withSettings(registration, new Map(own.map((one) => [one.arm, checkedArm(registration, one)])));
};
