import { Refused, type Decision, type Stream } from '#ledger/decider.js';
import type { EventOf } from '#ledger/event.js';
import { ProbeSuiteQueried, ProbeSuiteSealed, suiteEvents } from './events.js';

export type SealedSuite = EventOf<typeof ProbeSuiteSealed>['data'];
export type SuiteState = Readonly<{
  sealed: SealedSuite | undefined;
  /** What was asked: run, cycle and candidate of every query. */
  queried: readonly string[];
}>;
type SuiteEvent = (typeof suiteEvents)[number];
type SuiteDecision = Decision<SuiteState, SuiteEvent>;

const useOf = ({ run, cycle, candidate }: Readonly<{ run: string; cycle: number; candidate: string }>): string =>
  `${run}/${cycle}/${candidate}`;

const evolve = (state: SuiteState, fact: EventOf<SuiteEvent>): SuiteState => {
  switch (fact.type) {
    case 'ProbeSuiteSealed':
      return { ...state, sealed: fact.data };
    case 'ProbeSuiteQueried':
      return { ...state, queried: [...state.queried, useOf(fact.data)] };
  }
};

/** Stream `suite-<id>`: sealed once, then queried. */
export const suiteStream: Stream<SuiteState, SuiteEvent> = {
  name: 'suite',
  events: suiteEvents,
  initial: { sealed: undefined, queried: [] },
  evolve,
};

/** Queries left, negative when overdrawn; a suite that is not sealed has none. */
export const remainingQueries = (state: SuiteState): number =>
  (state.sealed?.reuseBudgetQueries ?? 0) - state.queried.length;

/** Sealing the same suite again is a no-op; another one under its name is refused. */
export const seal =
  (data: SealedSuite): SuiteDecision =>
  ({ sealed }) => {
    if (!sealed) return [ProbeSuiteSealed.of(data)];
    if (sealed.seedCommitment === data.seedCommitment && sealed.itemsArtifact === data.itemsArtifact) return [];
    throw new Refused(`suite ${data.suite} is sealed with other items; choose another name`);
  };

export type Query = Readonly<{
  run: string;
  cycle: number;
  candidate: string;
  /** SHA-256 of the items that are about to be used. */
  itemsArtifact: string;
  /** A look was opened (LookOpened): asked of report suites only. */
  looked: boolean;
  /** Who asks: what a suite holds is shown to evaluators, and to nothing that learns or allocates. */
  by: 'human' | 'service' | 'trainer' | 'evaluator' | 'policy';
}>;

/**
 * One use of the suite for one candidate; the same use again, after a crash, is not counted twice. A use beyond the
 * budget is recorded as one: the constitution's suiteOverdraw rule then rejects the candidate.
 * @throws Refused when not sealed, opened too early, of other items, or not asked by an evaluator
 */
export const query =
  ({ run, cycle, candidate, itemsArtifact, looked, by }: Query): SuiteDecision =>
  (state) => {
    const { sealed, queried } = state;
    if (!sealed) throw new Refused('the suite is not sealed; seal it before its first query');
    const { suite } = sealed;
    if (by !== 'evaluator') throw new Refused(`suite ${suite}: a ${by} asked; its items are shown to evaluators only`);
    if (sealed.role === 'report' && !looked)
      throw new Refused(`suite ${suite} is a report suite; open a look before it is queried`);
    if (itemsArtifact !== sealed.itemsArtifact)
      throw new Refused(`suite ${suite}: items ${itemsArtifact} are not the sealed ${sealed.itemsArtifact}`);
    if (queried.includes(useOf({ run, cycle, candidate }))) return [];
    const remaining = remainingQueries(state) - 1;
    const data = { suite, run, cycle, candidate, itemsArtifact, queryIndex: queried.length, remaining };
    return [ProbeSuiteQueried.of(data)];
  };
