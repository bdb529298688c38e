import { amendRegistration, experimentStream, registerExperiment, type ExperimentDecision } from './experiment.js';
import type { ExperimentEvent } from './events.js';
import { eachOnce, plannedRuns, runNames, seedsOf } from './planned-runs.js';
import { registrationSchema } from './checked-registration.js';

const registration = registrationSchema.parse({
  experiment: 'drug',
  question: 'Does it help?',
  arms: [{ arm: 'plain' }, { arm: 'treated', changes: { regime: 'aggressive' } }],
  seeds: 3,
  cycles: 1,
  hypotheses: [
    { hypothesis: 'h', claim: 'It does.', metric: 'capability', arm: 'treated', against: 'plain', expects: 'superior' },
  ],
});
const changed = { ...registration, cycles: 2 };
const alone = { runs: new Set<string>(), others: [] };
const begun = { ...alone, runs: new Set(['drug-treated-2']) };
const kept = { ...alone, others: [{ ...registration, experiment: 'drug', arms: registration.arms.slice(0, 1) }] };

const given = (...decisions: readonly ExperimentDecision[]) => {
  let state = experimentStream.initial;
  const take = (decision: ExperimentDecision): readonly ExperimentEvent[] => {
    const events = decision(state);
    state = events.reduce(experimentStream.evolve, state);
    return events;
  };
  decisions.forEach(take);
  return { when: take, state: () => state };
};

describe('given no experiment', () => {
  it('when one is registered, then it is fixed', () => {
    const experiment = given();
    expect(experiment.when(registerExperiment(registration, alone))).toMatchObject([{ type: 'ExperimentRegistered' }]);
    expect(experiment.state()).toMatchObject({ status: 'registered', version: 1, registration });
  });

  it('when one of its runs began before, then it is refused', () =>
    expect(() => given().when(registerExperiment(registration, begun))).toThrow(/run drug-treated-2 began already/));

  it('when another experiment keeps one of its names, then it is refused', () =>
    expect(() => given().when(registerExperiment(registration, kept))).toThrow(
      /another experiment has a run drug-plain-1/,
    ));

  it('when it is amended, then there is nothing to amend', () =>
    expect(() => given().when(amendRegistration(registration, 'why', alone))).toThrow(/is not registered/));
});

describe('given a registered experiment', () => {
  const registered = () => given(registerExperiment(registration, alone));

  it('when the very same is registered again, even after its first run, then nothing happens', () =>
    expect(registered().when(registerExperiment(registration, begun))).toEqual([]));

  it('when its fields come in another order, then nothing happens', () => {
    const arms = registration.arms.map(({ arm, changes }) => ({ changes, arm }));
    expect(registered().when(registerExperiment({ ...registration, arms }, alone))).toEqual([]);
  });

  it('when a changed file comes under its name, then it is refused with what differs', () =>
    expect(() => registered().when(registerExperiment(changed, alone))).toThrow(/differs from it in cycles; amend it/));

  it('when it is amended before its first run, then the amendment says what changed and is in force', () => {
    const experiment = registered();
    expect(experiment.when(amendRegistration(changed, 'longer', alone))).toMatchObject([
      { data: { version: 2, reason: 'longer', changes: [{ path: 'cycles', before: '1', after: '2' }] } },
    ]);
    expect(experiment.state()).toMatchObject({ version: 2, registration: changed });
    expect(() => experiment.when(amendRegistration(changed, 'again', alone))).toThrow(/changes nothing/);
  });

  it('when it is amended after a run of it began, then it is refused, whether the new one keeps that run or not', () => {
    expect(() => registered().when(amendRegistration(changed, 'tuned', begun))).toThrow(/began already/);
    const arms = [
      { arm: 'plain', changes: {} },
      { arm: 'other', changes: {} },
    ];
    expect(() => registered().when(amendRegistration({ ...changed, arms }, 'tuned', begun))).toThrow(/began already/);
  });
});

describe('given a registered experiment to be paired with', () => {
  const paired = registrationSchema.parse({
    ...registration,
    experiment: 'dose',
    pairedWith: 'drug',
    seeds: 2,
    arms: [{ arm: 'none', sameAs: 'plain' }, { arm: 'double' }],
    hypotheses: [{ ...registration.hypotheses[0], arm: 'double', against: 'none' }],
  });
  const beside = { ...alone, others: [registration] };

  it('when one takes an arm of it, then they have the runs and the seeds in common, and each its own names', () => {
    expect(given().when(registerExperiment(paired, beside))).toMatchObject([{ type: 'ExperimentRegistered' }]);
    const [shared, own] = plannedRuns(paired, 'ab'.repeat(32));
    const [theirs] = plannedRuns(registration, 'ab'.repeat(32));
    expect(shared).toEqual({ ...theirs, arm: 'none' });
    expect(own).toMatchObject({ run: 'dose-double-1', seed: theirs?.seed, of: { experiment: 'dose', arm: 'double' } });
    expect(runNames(paired, 'own')).toEqual(['dose-double-1', 'dose-double-2']);
    expect(runNames(paired, 'all')).toContain('drug-plain-2');
  });

  it.each([
    ['a shared run', 'drug-plain-1', paired],
    ['another run of it', 'drug-treated-3', paired],
    [
      'a run of it, and none is shared',
      'drug-plain-1',
      { ...paired, arms: paired.arms.map(({ arm }) => ({ arm, changes: {} })) },
    ],
  ])('when %s began before, then the seeds are known and it is refused', (_what, run, mine) =>
    expect(() => given().when(registerExperiment(mine, { ...beside, runs: new Set([run]) }))).toThrow(
      `pairedWith: "drug" began with run ${run}, so its seeds are known by now; pair before \`experiment run\``,
    ),
  );

  it('when an amendment would change the pair, then it is refused', () => {
    const { pairedWith: _pair, ...alone1 } = {
      ...paired,
      arms: registration.arms,
      hypotheses: registration.hypotheses,
    };
    const dose = given(registerExperiment(paired, beside));
    expect(() => dose.when(amendRegistration(alone1, 'own seeds', beside))).toThrow(
      /^pairedWith: left out; "drug" is registered, and an amendment keeps it/,
    );
    const drug = given(registerExperiment(registration, alone));
    expect(() => drug.when(amendRegistration({ ...registration, pairedWith: 'x' }, 'theirs', alone))).toThrow(
      /^pairedWith: x; none is registered/,
    );
  });

  it.each([
    ['is not there', {}, [], /"drug" is not registered; register it first/],
    ['has fewer seeds', { seeds: 4 }, [registration], /has 3 seeds, and this one 4/],
    ['has other cycles', { cycles: 2 }, [registration], /has 1 cycles, and this one 2/],
    ['has other settings', { run: { sequence: 64 } }, [registration], /has another run.sequence; leave run out/],
    ['is paired itself', {}, [{ ...registration, pairedWith: 'x' }], /takes its seeds from "x" itself/],
    [
      'lacks the arm',
      { arms: [{ arm: 'none', changes: {}, sameAs: 'other' }, ...paired.arms.slice(1)] },
      [registration],
      /has no arm other; there are plain, treated/,
    ],
  ])('when the other %s, then it is refused', (_what, changes, others, message) =>
    expect(() => given().when(registerExperiment({ ...paired, ...changes }, { ...alone, others }))).toThrow(message),
  );

  it('when the other is amended afterwards, then that is refused', () => {
    const others = [paired];
    const drug = given(registerExperiment(registration, alone));
    expect(() => drug.when(amendRegistration(changed, 'longer', { ...alone, others }))).toThrow(
      /"dose" is paired with it as it is/,
    );
  });
});

describe('seeds', () => {
  it('follow from the leaf hash alone, differ, and more of them begin with the fewer', () => {
    const [few, many] = [seedsOf('ab'.repeat(32), 4), seedsOf('ab'.repeat(32), 64)];
    expect(many.slice(0, 4)).toEqual(few);
    expect(new Set(many).size).toBe(64);
    expect(seedsOf('cd'.repeat(32), 4)).not.toEqual(few);
    expect(few).toEqual([431_353_200, 2_754_789_515, 2_707_153_324, 40_685_586]);
  });

  it('are shared by the arms, one seed after the other', () => {
    const planned = plannedRuns(registration, 'ab'.repeat(32));
    expect(planned.map(({ run }) => run).slice(0, 3)).toEqual(['drug-plain-1', 'drug-treated-1', 'drug-plain-2']);
    expect(planned[0]?.seed).toBe(planned[1]?.seed);
    expect(planned).toHaveLength(6);
  });

  it('give a run that two arms have in common once', () => {
    const both = {
      ...registration,
      pairedWith: 'other',
      arms: ['a', 'b'].map((arm) => ({ arm, changes: {}, sameAs: 'x' })),
    };
    const once = eachOnce(plannedRuns(both, 'ab'.repeat(32)));
    expect(once.map(({ run }) => run)).toEqual(['other-x-1', 'other-x-2', 'other-x-3']);
  });
});
