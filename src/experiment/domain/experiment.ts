import { differences } from '#constitution/domain/constitution.js';
import { Refused, type Decision, type Stream } from '#ledger/decider.js';
import {
  ExperimentRegistered,
  experimentEvents,
  RegistrationAmended,
  type DataOf,
  type ExperimentEvent,
} from './events.js';
import { runNames } from './planned-runs.js';
import { registrationSchema, type Registration } from './registration.js';

export type Registered = Readonly<{
  status: 'registered';
  /** As it is in force now. */
  registration: Registration;
  /** 1 until it is amended. */
  version: number;
  looks: readonly DataOf<'ExperimentLookOpened'>[];
  /** Every hypothesis once for each look. */
  conclusions: readonly DataOf<'HypothesisConcluded'>[];
  negativeResults: readonly DataOf<'NegativeResultDeclared'>[];
  reports: readonly DataOf<'ReportPublished'>[];
}>;
export type Experiment = Readonly<{ status: 'absent' }> | Registered;

export type ExperimentDecision = Decision<Experiment, (typeof experimentEvents)[number]>;

const evolveRegistered = (
  state: Registered,
  event: Exclude<ExperimentEvent, { type: 'ExperimentRegistered' }>,
): Registered => {
  switch (event.type) {
    case 'RegistrationAmended': {
      const { registration, version } = event.data;
      return { ...state, registration, version };
    }
    case 'ExperimentLookOpened':
      return { ...state, looks: [...state.looks, event.data] };
    case 'HypothesisConcluded':
      return { ...state, conclusions: [...state.conclusions, event.data] };
    case 'NegativeResultDeclared':
      return { ...state, negativeResults: [...state.negativeResults, event.data] };
    case 'ReportPublished':
      return { ...state, reports: [...state.reports, event.data] };
  }
};

export const evolve = (state: Experiment, event: ExperimentEvent): Experiment => {
  if (event.type === 'ExperimentRegistered') {
    const { registration } = event.data;
    const nothingYet = { looks: [], conclusions: [], negativeResults: [], reports: [] };
    return { status: 'registered', registration, version: 1, ...nothingYet };
  }
  if (state.status === 'absent') throw new RangeError(`${event.type} before ExperimentRegistered`);
  return evolveRegistered(state, event);
};

export const experimentStream: Stream<Experiment, (typeof experimentEvents)[number]> = {
  name: 'experiment',
  events: experimentEvents,
  initial: { status: 'absent' },
  evolve,
};

/** What the log has besides: the runs that began, and the names that other experiments keep for theirs. */
export type Surroundings = Readonly<{ runs: ReadonlySet<string>; reserved: ReadonlySet<string> }>;

/** @throws Refused where a run has one of the names already */
const requireFirst = (registration: Registration, { runs, reserved }: Surroundings): void => {
  const names = runNames(registration);
  const begun = names.find((name) => runs.has(name));
  if (begun !== undefined)
    throw new Refused(
      `experiment: run ${begun} began already, and an experiment is registered before its first run; register this one under another name`,
    );
  const kept = names.find((name) => reserved.has(name));
  if (kept !== undefined)
    throw new Refused(`experiment: another experiment has a run ${kept}; give this one, or its arms, another name`);
};

/** With its keys in order, as the log has it: fields may stand in a file in any order. */
const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, inOrder(each)]));
};

const changesBetween = (before: Registration, after: Registration): ReturnType<typeof differences> =>
  differences('', inOrder(before), inOrder(after));

const checked = (registration: Registration): Registration => {
  const result = registrationSchema.safeParse(registration);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Refused(`experiment: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`);
};

/** Fixes an experiment; the very same one again changes nothing. */
export const registerExperiment =
  (registration: Registration, surroundings: Surroundings): ExperimentDecision =>
  (state) => {
    if (state.status === 'absent') {
      requireFirst(registration, surroundings);
      return [ExperimentRegistered.of({ registration: checked(registration) })];
    }
    const [change] = changesBetween(state.registration, registration);
    if (!change) return [];
    throw new Refused(
      `experiment: "${registration.experiment}" is registered already and this file differs from it in ${change.path}; ` +
        'amend it (`experiment amend`), which its first run ends, or give this one another name',
    );
  };

/** Another registration in the place of the first, as long as no run of it began. */
export const amendRegistration =
  (registration: Registration, reason: string, surroundings: Surroundings): ExperimentDecision =>
  (state) => {
    const { experiment } = registration;
    if (state.status === 'absent')
      throw new Refused(`experiment: "${experiment}" is not registered; \`experiment list\` shows those that are`);
    requireFirst(state.registration, surroundings);
    requireFirst(registration, surroundings);
    const changes = changesBetween(state.registration, registration);
    if (changes.length === 0) throw new Refused('the amendment changes nothing');
    const version = state.version + 1;
    return [RegistrationAmended.of({ version, registration: checked(registration), changes, reason })];
  };
