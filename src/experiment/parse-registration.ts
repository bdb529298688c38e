import { InvalidRequest } from '#doors/dispatch.js';
import { explainIssue } from '#doors/explain-issue.js';
import { runFileSchema } from '#run/domain/run-file.js';
import { isFieldPath } from '#run/domain/run-fields.js';
import { armFile, outsideScope } from './domain/planned-runs.js';
import { registrationSchema, type Registration } from './domain/registration.js';

/** @throws InvalidRequest where the arm's run file is none, or its constitution would not let it run */
const checkArm = (registration: Registration, arm: string): void => {
  const changes = registration.arms.find((one) => one.arm === arm)?.changes ?? {};
  const odd = Object.keys(changes).find((path) => !isFieldPath(path));
  if (odd !== undefined)
    throw new InvalidRequest(`arm ${arm}: changes: "${odd}" names no field; write a path such as base.steps`);
  const input = armFile(registration, { run: registration.experiment, arm, number: 1, seed: 1 });
  const file = runFileSchema.safeParse(input);
  if (!file.success)
    throw new InvalidRequest(`arm ${arm}: ${explainIssue(file.error.issues[0], input, runFileSchema)}`);
  const outside = outsideScope(file.data);
  if (outside !== undefined) throw new InvalidRequest(`arm ${arm}: ${outside}`);
};

/** An experiment as somebody wrote it, with everything that was left out. @throws InvalidRequest naming field, value and what is allowed */
export const parseRegistration = (input: unknown): Registration => {
  const result = registrationSchema.safeParse(input);
  if (!result.success) throw new InvalidRequest(explainIssue(result.error.issues[0], input, registrationSchema));
  for (const { arm } of result.data.arms) checkArm(result.data, arm);
  return result.data;
};
