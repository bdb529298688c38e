import type { RunEnding } from './ending.js';
import { experimentStream, registerExperiment, type Experiment, type ExperimentDecision } from './experiment.js';
import { concludeLook } from './look.js';
import { plannedRuns } from './planned-runs.js';
import { registrationSchema } from './checked-registration.js';

const registration = registrationSchema.parse({
  experiment: 'drug',
  question: 'Does it help?',
  arms: [{ arm: 'plain' }, { arm: 'treated' }],
  seeds: 4,
  looks: [2, 4],
  cycles: 1,
  hypotheses: ['superior', 'equivalent', 'non-inferior'].map((expects) => ({
    hypothesis: expects,
    claim: 'It does, or not.',
    metric: 'capability',
    arm: 'treated',
    against: 'plain',
    expects,
  })),
});
const planned = plannedRuns(registration, 'ab'.repeat(32));

/** The treated arm ends two points above the plain one, near enough. */
const endings = planned.map((one): RunEnding => {
  const capability = one.arm === 'plain' ? 0.3 : 0.32 + one.number / 100_000;
  const run = {
    config: { cycles: 1 },
    cycles: [],
    anchor: { checkpoint: 'a' },
    champion: 'c',
    look: {},
    reported: [
      { checkpoint: 'a', metrics: { capability: 0.3 } },
      { checkpoint: 'c', metrics: { capability } },
    ],
  };
  return { planned: one, run: run as unknown as RunEnding['run'], revision: 9, probedAt: new Map([['c', 5]]) };
});

const registered = experimentStream.initial;
const taken = (state: Experiment, decision: ExperimentDecision): Experiment =>
  decision(state).reduce(experimentStream.evolve, state);
const alone = { runs: new Set<string>(), others: [] };
const start = taken(registered, registerExperiment(registration, alone));
const read = concludeLook({ planned, endings });

it('given unfinished runs, when a look is asked for, then it is refused and names the first one', () => {
  const decision = concludeLook({ planned, endings: endings.slice(0, 3) });
  expect(() => decision(start)).toThrow(/look 1 is after 2 seeds, and 1 of their 4 runs .* first drug-treated-2/);
});

it('given the runs of the first look, when it is taken, then every hypothesis concludes once at its share of alpha', () => {
  const events = read(start);
  expect(events.map(({ type }) => type)).toEqual([
    'ExperimentLookOpened',
    'HypothesisConcluded',
    'HypothesisConcluded',
    'HypothesisConcluded',
    'NegativeResultDeclared',
  ]);
  const cites = planned.slice(0, 4).map(({ run }) => ({ stream: `run-${run}`, revision: 9 }));
  expect(events[0]?.data).toEqual({ look: 1, seeds: 2, alpha: 0.025, cites });
  expect(events[4]?.data).toMatchObject({ hypothesis: 'equivalent', outcome: 'superior' });
});

it('given the first look, when the next is taken, then all seeds are read, and after it there is none', () => {
  const once = taken(start, read);
  const events = read(once);
  expect(events[0]?.data).toMatchObject({ look: 2, seeds: 4 });
  const twice = events.reduce(experimentStream.evolve, once);
  if (twice.status === 'absent') throw new Error('it is registered');
  expect(twice.conclusions.map(({ look, hypothesis }) => `${look} ${hypothesis}`)).toEqual([
    '1 superior',
    '1 equivalent',
    '1 non-inferior',
    '2 superior',
    '2 equivalent',
    '2 non-inferior',
  ]);
  expect(() => read(twice)).toThrow(/has taken all its looks \(2\).* a second attempt is a second registration/);
});
