import { changesBetween, differences } from '#constitution/domain/constitution.js';
import type { Constitution } from '#constitution/domain/document.js';
import type { RunConfig } from '#run/domain/config.js';
import type { DataOf } from '#run/domain/events.js';
import { recordedFileSchema } from '#run/domain/run-file.js';
import { runConfig } from '#run/domain/run-settings.js';
import { armFile, plannedRuns, type PlannedRun } from './planned-runs.js';
import type { Registration } from './registration.js';

/** A registration in force, and the leaf hash that its seeds follow from. */
export type InForce = Readonly<{ registration: Registration; leaf: string }>;

type Owned = InForce & Readonly<{ planned: PlannedRun }>;

const ownerOf = (known: readonly InForce[], run: string): Owned | undefined => {
  for (const one of known.filter(({ registration }) => !registration.distillation)) {
    const { registration, leaf } = one;
    const own = plannedRuns(registration, leaf).filter(({ of }) => of.experiment === registration.experiment);
    const planned = own.find((each) => each.run === run);
    if (planned) return { ...one, planned };
  }
  return undefined;
};

/** The first setting in which a run is not what was registered; undefined when it is. */
const deviation = (
  { registration, planned }: Owned,
  { config }: DataOf<'RunStarted'>,
  rules: Constitution | undefined,
): string | undefined => {
  const parsed = recordedFileSchema.safeParse(armFile(registration, planned));
  if (!parsed.success) return parsed.error.issues[0]?.path.join('.') ?? 'run';
  const { constitution, base, model } = config;
  const checkpoint = base.kind === 'checkpoint' ? base.checkpoint : undefined;
  const filled = runConfig(parsed.data, { constitution, parent: null, ...(checkpoint && { checkpoint }) });
  // A run that begins from weights has their shape.
  const expected: RunConfig = checkpoint ? { ...filled, model } : filled;
  const ofRules = rules ? changesBetween(rules, parsed.data.constitution) : [];
  const [change] = [...differences('', expected, config), ...ofRules];
  return change?.path;
};

/**
 * Why a run may not begin so: it has a name that a registered experiment keeps, or says that it is of an experiment and is
 * not what was registered. Undefined where nothing is against it.
 * @param known registrations that stand before it in the log
 * @param rules the constitution that it names
 */
export const wrongBeginning = (
  known: readonly InForce[],
  data: DataOf<'RunStarted'>,
  rules: Constitution | undefined,
): string | undefined => {
  const { config, experiment } = data;
  const owned = ownerOf(known, config.run);
  const owner = owned?.registration.experiment;
  if (!owned || owner === undefined)
    return experiment === null ? undefined : `run: ${config.run} is no run of a registered experiment ${experiment}`;
  if (experiment !== owner)
    return `run: ${config.run} is a run of experiment ${owner}, which \`experiment run ${owner}\` starts; choose another name`;
  const path = deviation(owned, data, rules);
  return path === undefined
    ? undefined
    : `run: ${config.run} differs from what experiment ${owner} registered, in ${path}`;
};
