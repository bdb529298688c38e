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
import { registrationSchema } from './checked-registration.js';
import type { Registration } from './registration.js';

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

/** What the log has besides: the runs that began, and the other experiments. */
export type Surroundings = Readonly<{ runs: ReadonlySet<string>; others: readonly Registration[] }>;

/** @throws Refused where a run of its own began already, or another experiment keeps one of their names */
const requireFirst = (registration: Registration, { runs, others }: Surroundings): void => {
  const begun = runNames(registration, 'own').find((name) => runs.has(name));
  if (begun !== undefined)
    throw new Refused(
      `experiment: run ${begun} began already, and an experiment is registered before its first run; register this one under another name`,
    );
  const reserved = new Set(others.flatMap((other) => runNames(other, 'own')));
  const kept = runNames(registration, 'own').find((name) => reserved.has(name));
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

/** @throws Refused where the experiment that this one is paired with is not there, began already, or is another question */
const requirePartner = (registration: Registration, { runs, others }: Surroundings): void => {
  const { pairedWith, arms } = registration;
  if (pairedWith === undefined) return;
  const partner = others.find(({ experiment }) => experiment === pairedWith);
  const refuse = (why: string): never => {
    throw new Refused(`pairedWith: "${pairedWith}" ${why}`);
  };
  if (!partner) return refuse('is not registered; register it first');
  const begun = runNames(partner, 'all').find((name) => runs.has(name));
  if (begun !== undefined)
    refuse(`began with run ${begun}, so its seeds are known by now; pair before \`experiment run\``);
  if (partner.pairedWith !== undefined) refuse(`takes its seeds from "${partner.pairedWith}" itself; name that one`);
  if (partner.seeds < registration.seeds) refuse(`has ${partner.seeds} seeds, and this one ${registration.seeds}`);
  if (partner.cycles !== registration.cycles)
    refuse(`has ${partner.cycles} cycles, and this one ${registration.cycles}`);
  const [other] = differences('run', inOrder(partner.run), inOrder(registration.run));
  if (other) refuse(`has another ${other.path}; leave run out, and let arms differ by their changes`);
  const unknown = arms.find(({ sameAs }) => sameAs !== undefined && !partner.arms.some(({ arm }) => arm === sameAs));
  if (unknown) refuse(`has no arm ${unknown.sameAs}; there are ${partner.arms.map(({ arm }) => arm).join(', ')}`);
};

/** @throws Refused where others have taken its seeds or its arms */
const requireUnpaired = ({ experiment }: Registration, { others }: Surroundings): void => {
  const pair = others.find(({ pairedWith }) => pairedWith === experiment);
  if (pair)
    throw new Refused(`experiment: "${pair.experiment}" is paired with it as it is; it cannot be amended any more`);
};

/** @throws Refused where an amendment would take other seeds, after those there are could be known */
const requireSamePair = (before: Registration, after: Registration): void => {
  if (before.pairedWith === after.pairedWith) return;
  const was = before.pairedWith === undefined ? 'none is registered' : `"${before.pairedWith}" is registered`;
  throw new Refused(
    `pairedWith: ${after.pairedWith ?? 'left out'}; ${was}, and an amendment keeps it, since seeds follow from it; ` +
      'register another experiment',
  );
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
      requirePartner(registration, surroundings);
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
    requireSamePair(state.registration, registration);
    requireFirst(state.registration, surroundings);
    requireFirst(registration, surroundings);
    requirePartner(registration, surroundings);
    requireUnpaired(registration, surroundings);
    const changes = changesBetween(state.registration, registration);
    if (changes.length === 0) throw new Refused('the amendment changes nothing');
    const version = state.version + 1;
    return [RegistrationAmended.of({ version, registration: checked(registration), changes, reason })];
  };
