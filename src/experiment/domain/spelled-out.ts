import { differences } from '#constitution/domain/constitution.js';
import type { RunFile } from '#run/domain/run-file.js';
import { spelledOut } from '#run/domain/run-settings.js';
import { fieldAt, setField, type Fields } from '#run/domain/run-fields.js';
import { OF_THE_EXPERIMENT, type Registration } from './registration.js';

/** What a run file says of its run, without what the experiment says itself. */
export const settingsOf = (file: RunFile): Fields =>
  Object.fromEntries(
    Object.entries(spelledOut(file)).filter(
      ([field, value]) => value !== undefined && !OF_THE_EXPERIMENT.includes(field),
    ),
  );

/** As few changes by path as make the arm of the shared settings, in the words of whoever wrote them where they can be. */
const changesTo = (shared: Fields, arm: Fields, written: Fields): Fields => {
  const changes: Fields = {};
  const made = structuredClone(shared);
  for (const path of Object.keys(written)) {
    const value = fieldAt(arm, path);
    if (value === undefined) continue;
    changes[path] = value;
    setField(made, path, structuredClone(value));
  }
  for (const field of Object.keys({ ...made, ...arm })) {
    if (differences('', made[field], arm[field]).length === 0) continue;
    for (const path of Object.keys(changes)) if (path.split('.')[0] === field) delete changes[path];
    changes[field] = arm[field];
  }
  return changes;
};

/**
 * Its arms with every setting said that this build fills in, so that a later one need not.
 * @param files the run file of each arm that has runs of its own: the registration's own with the arm's changes
 */
export const withSettings = (registration: Registration, files: ReadonlyMap<string, RunFile>): Registration => ({
  ...registration,
  arms: registration.arms.map((one) => {
    const file = files.get(one.arm);
    return file ? { ...one, changes: changesTo(registration.run, settingsOf(file), one.changes) } : one;
  }),
});
