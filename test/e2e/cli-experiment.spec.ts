import { existsSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { checkApprovals } from '#audit/check-approvals.js';
import { outcomeDigest, runDigest } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { MemoryLog } from '#store/memory-log.js';
import { Child } from './child-process.js';
import { smallRun, temporaryFolder, type, type Ended } from './command-line.js';
import { lookInto, recordsIn } from './prepared-run.js';

const folder = temporaryFolder();
const {
  run: _run,
  cycles: _cycles,
  ...shared
} = smallRun({ base: { steps: 20, batch: 8 } }) as {
  run: string;
  cycles: number;
};
const RUNS = ['drug-plain-1', 'drug-treated-1', 'drug-plain-2', 'drug-treated-2'];

const registration = {
  experiment: 'drug',
  question: 'Does it help?',
  run: shared,
  arms: [{ arm: 'plain', changes: { policy: 'frozen' } }, { arm: 'treated' }],
  seeds: 2,
  cycles: 1,
  hypotheses: [
    {
      // Whatever the seeds are, which nobody chooses: equivalent, or undecided where no difference varies.
      hypothesis: 'gains',
      claim: 'The treated arm ends less than a hundred points away.',
      metric: 'capability',
      arm: 'treated',
      against: 'plain',
      reads: 'champion',
      expects: 'equivalent',
      sesoi: 100,
    },
    {
      hypothesis: 'kept',
      claim: 'A frozen arm keeps what it had.',
      metric: 'general-bits-per-byte',
      arm: 'plain',
      against: 'anchor',
      expects: 'equivalent',
    },
  ],
};

const asked = (data: string, ...words: readonly string[]): Promise<Ended> =>
  type(['--data', data, 'experiment', ...words]);

let [whole, killed] = ['', ''];
let concluded: readonly Ended[];

beforeAll(async () => {
  [whole, killed] = [folder.path('whole'), folder.path('killed')];
  const file = folder.path('drug.yaml');
  await writeFile(file, JSON.stringify(registration));
  expect(await asked(whole, 'register', file)).toMatchObject({ code: 0 });
  expect((await asked(whole, 'show', 'drug')).stdout).toMatch(/drug-plain-1 .*not begun/);
  await cp(whole, killed, { recursive: true });
  const child = Child.start(
    process.execPath,
    'bin/prometheus-ledger.mjs',
    '--data',
    killed,
    'experiment',
    'run',
    'drug',
  );
  await child.until('1 of 4');
  await child.end('SIGKILL');
  expect(await asked(killed, 'conclude', 'drug')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('experiment run drug'),
  });
  const resumed = await asked(killed, 'run', 'drug');
  expect(resumed.stdout).toMatch(/^1 of 4 runs are at their end already/);
  expect(await asked(whole, 'run', 'drug')).toMatchObject({ code: 0 });
  concluded = [await asked(whole, 'conclude', 'drug'), await asked(killed, 'conclude', 'drug')];
}, 300_000);

it('is the same experiment whether it was killed in between or not, to the last outcome', async () => {
  for (const run of RUNS) {
    const [one, other] = [await recordsIn(whole, `run-${run}`), await recordsIn(killed, `run-${run}`)];
    expect(one.at(-1)?.type).toBe('RunCompleted');
    expect(one[0]?.data).toMatchObject({ experiment: 'drug' });
    expect(runDigest(other)).toBe(runDigest(one));
  }
  const digests = async (data: string): Promise<readonly string[]> =>
    (await recordsIn(data, 'experiment-drug')).map(outcomeDigest);
  expect(await digests(killed)).toEqual(await digests(whole));
  expect(concluded[1]?.stdout.replaceAll('/killed', '/whole')).toBe(concluded[0]?.stdout);
}, 60_000);

it('says of every run how far it is, and of every experiment how many are completed', async () => {
  expect((await asked(whole, 'show', 'drug')).stdout).toMatch(/drug-treated-2 .*completed/);
  expect((await asked(whole, 'list')).stdout).toMatch(/drug .*4 of 4 .*–/);
}, 60_000);

it('concludes every hypothesis, in words and with its figures', async () => {
  expect(concluded[0]).toMatchObject({ code: 0, stderr: '' });
  expect(concluded[0]?.stdout).toMatch(/kept {2}inconclusive, registered as equivalent\n.*\n? +.*zero variance/);
  const types = (await recordsIn(whole, 'experiment-drug')).map(({ type: each }) => each);
  expect(types).toEqual(['ExperimentRegistered', 'ExperimentLookOpened', 'HypothesisConcluded', 'HypothesisConcluded']);
}, 60_000);

describe('what was concluded is judged again', () => {
  /** The log again with some of its records changed or left out. */
  const forged = async (change: (record: Record) => Partial<Record> | undefined): Promise<readonly string[]> => {
    const log = new MemoryLog();
    const records = await lookInto(whole, (from) => collect(from.readAll()));
    for (const record of records) {
      const changes = change(record);
      if (!changes) continue;
      const { stream, revision: _revision, ...proposed } = record;
      await log.append(stream, 'any', [{ ...proposed, ...changes }]);
    }
    return (await checkApprovals(log)).unlawful.map(({ type: each, because }) => `${each}: ${because}`);
  };

  it('comes out the same', async () => expect(await forged(() => ({}))).toEqual([]));

  it('does not where an outcome, a reading or a left-out seed was changed', async () => {
    const changes = [{ outcome: 'inferior', why: null }, { n: 3 }, { values: [] }];
    for (const data of changes)
      expect(
        await forged((one) => (one.data['hypothesis'] === 'gains' ? { data: { ...one.data, ...data } } : {})),
      ).toEqual(['HypothesisConcluded: the rules write it otherwise']);
  });

  it('does not where a report was changed after the look, or a conclusion kept back', async () => {
    const better = (one: Record): Partial<Record> => {
      const isReport = one.stream === 'run-drug-treated-1' && one.data['role'] === 'report';
      const metrics = { ...(one.data['metrics'] as object), capability: 0.9 };
      return isReport ? { data: { ...one.data, metrics } } : {};
    };
    expect((await forged(better)).filter((why) => why.startsWith('HypothesisConcluded'))).toHaveLength(1);
    const unregistered = await forged((one) => (one.type === 'ExperimentRegistered' ? undefined : {}));
    expect(unregistered).toContain('ExperimentLookOpened: there is no experiment drug yet');
    const last = (one: Record): boolean => one.data['hypothesis'] === 'kept';
    expect(await forged((one) => (last(one) ? undefined : {}))).toEqual([
      'HypothesisConcluded: the rules write a HypothesisConcluded after it',
    ]);
  });
});

it('refuses in one line what it cannot do', async () => {
  const changed = folder.path('changed.json');
  await writeFile(changed, JSON.stringify({ ...registration, seeds: 3 }));
  const wrong = folder.path('wrong.json');
  await writeFile(wrong, JSON.stringify({ ...registration, hypotheses: undefined }));
  for (const [words, message] of [
    [['register', changed], /"drug" is registered already and this file differs from it in seeds; amend it/],
    [['register', wrong, '--data', folder.path('untouched')], /hypotheses: missing: /],
    [['show', 'other'], /experiment "other" is not registered; there are: drug/],
  ] as const) {
    const { code, stderr, stdout } = await asked(whole, ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  }
  expect(existsSync(folder.path('untouched'))).toBe(false);
}, 60_000);
