import type { CommandBus } from '@nestjs/cqrs';
import { checkApprovals } from '#audit/check-approvals.js';
import { wrongBeginning } from '#experiment/domain/beginning.js';
import { experimentStream, registerExperiment } from '#experiment/domain/experiment.js';
import { armFile } from '#experiment/domain/planned-runs.js';
import { findExperiment, surroundingsOf, type KnownExperiment } from '#experiment/known-experiments.js';
import { parseRegistration } from '#experiment/parse-registration.js';
import { Refused } from '#ledger/decider.js';
import { decide } from '#ledger/ledger.js';
import { planRun, prepareRun } from '#loop/prepare-run.js';
import { StartPlannedRun, StartPlannedRunHandler } from '#loop/start-planned-run.js';
import { startRun } from '#run/domain/decisions.js';
import type { RunFile } from '#run/domain/run-file.js';
import { runStream } from '#run/domain/run.js';
import { parseRunFile } from '#run/parse-run-file.js';
import { closeAll, opened } from './lying.js';
import { smallFile, smallPorts } from './small-run.js';

type Ports = ReturnType<typeof smallPorts>;

const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
const { run: _run, cycles: _cycles, ...shared } = smallFile('x') as { run: string; cycles: number };
const registration = parseRegistration({
  experiment: 'drug',
  question: 'Does it help?',
  run: shared,
  arms: [{ arm: 'plain', changes: { policy: 'frozen' } }, { arm: 'treated' }],
  seeds: 2,
  cycles: 1,
  hypotheses: [
    { hypothesis: 'h', claim: 'It does.', metric: 'capability', arm: 'treated', against: 'plain', expects: 'superior' },
  ],
});

const register = async ({ ledger }: Ports): Promise<KnownExperiment> => {
  const decision = registerExperiment(registration, await surroundingsOf(ledger.log, 'drug'));
  await decide(ledger, experimentStream, 'drug', decision, by);
  return findExperiment(ledger.log, 'drug');
};

const parsed = (file: object): RunFile => parseRunFile(file, (message) => new Error(message));
const fileOf = ({ planned }: KnownExperiment, at = 0): object => armFile(registration, planned[at] as never);
const fresh = (): Ports => {
  const ports = smallPorts();
  opened.push(ports);
  return ports;
};
const unlawful = async ({ ledger }: Ports): Promise<readonly string[]> =>
  (await checkApprovals(ledger.log)).unlawful.map(({ type, because }) => `${type}: ${because}`);

afterAll(closeAll);

it('a registered run begins by its registration, as registered, and only so', async () => {
  const ports = fresh();
  const known = await register(ports);
  const own = fileOf(known);
  const { data } = await prepareRun(ports, parsed(own), by, 'drug');
  await decide(ports.ledger, runStream, data.config.run, startRun(data), by);
  expect(data.config.seed).toBe(known.planned[0]?.seed);
  expect(await unlawful(ports)).toEqual([]);
  await expect(planRun(ports, parsed(fileOf(known, 1)))).rejects.toThrow(/is a run of experiment drug/);
}, 120_000);

it('a planned run that somebody else begins meanwhile is left as it is, and what is refused otherwise stays so', async () => {
  const ports = fresh();
  const known = await register(ports);
  const { data } = await planRun(ports, parsed(fileOf(known)), 'drug');
  const begin = (): Promise<unknown> => decide(ports.ledger, runStream, data.config.run, startRun(data), by);
  const meanwhile = (happens: () => Promise<unknown>): CommandBus =>
    ({ execute: () => happens().then(() => Promise.reject(new Refused('run: exists already'))) }) as never;
  const command = new StartPlannedRun('drug', 'drug-plain-1', { requester: 'ada' }, 'local files');
  const started = (bus: CommandBus): Promise<void> => new StartPlannedRunHandler(ports.ledger, bus).execute(command);
  await expect(started(meanwhile(() => Promise.resolve()))).rejects.toThrow(/exists already/);
  await expect(started(meanwhile(begin))).resolves.toBeUndefined();
}, 120_000);

it('a run that stands before its registration, or is not what was registered, is found in the log', async () => {
  const elsewhere = fresh();
  const known = await register(elsewhere);
  const { data } = await planRun(elsewhere, parsed(fileOf(known)), 'drug');
  const early = fresh();
  await decide(early.ledger, runStream, data.config.run, startRun(data), by);
  await expect(register(early)).rejects.toThrow(/run drug-plain-1 began already/);
  const forged = registerExperiment(registration, { runs: new Set(), others: [] });
  await decide(early.ledger, experimentStream, 'drug', forged, by);
  expect(await unlawful(early)).toEqual([
    expect.stringMatching(/^RunStarted: /),
    expect.stringMatching(/^ExperimentRegistered: .*run drug-plain-1 began already/),
  ]);
  const { constitution: rules } = parsed(fileOf(known));
  const judgedBy = (other: typeof rules): string | undefined =>
    wrongBeginning([{ registration, leaf: known.leaf }], data, other);
  expect(judgedBy(rules)).toBeUndefined();
  expect(judgedBy({ ...rules, alphaPlan: { ...rules.alphaPlan, alpha: 0.4 } })).toMatch(/in alphaPlan.alpha/);
  for (const [changed, because] of [
    [data, undefined],
    [{ ...data, config: { ...data.config, cycles: 2 } }, 'differs from what experiment drug registered, in cycles'],
    [{ ...data, config: { ...data.config, seed: 7 } }, 'registered, in seed'],
    [{ ...data, config: { ...data.config, policy: 'uniform' as const } }, 'registered, in policy'],
    [{ ...data, config: { ...data.config, run: 'mine' } }, 'mine is no run of a registered experiment drug'],
    [{ ...data, experiment: null }, 'is a run of experiment drug'],
  ] as const) {
    const ports = fresh();
    await register(ports);
    await decide(ports.ledger, runStream, changed.config.run, startRun(changed), by);
    const expected = because ?? 'it names constitution lenient v1, which there was not yet';
    expect(await unlawful(ports)).toEqual([expect.stringContaining(expected)]);
  }
}, 120_000);
