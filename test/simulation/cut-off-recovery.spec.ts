import { rejudgeRun } from '#audit/rejudge.js';
import { runDigest } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import { DrillRun, DrillRunHandler } from '#loop/drill-run.js';
import { loadRun } from '#loop/run-context.js';
import { advanceRun } from '#loop/run-loop.js';
import type { Log } from '#ledger/log.js';
import { CutOff, CuttingAt } from './cutting-log.js';
import { creeping, hopeless, overshooting, type Ports } from './recovering.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const open: Ports[] = [];
afterAll(() => Promise.all(open.map(({ shadow }) => shadow.close())));
const opened = (log?: Log): Ports => {
  const ports = smallPorts(log ? { log } : {});
  open.push(ports);
  return ports;
};

const survive = async (life: () => Promise<unknown>): Promise<void> => {
  for (let over = false; !over;)
    over = await life().then(
      () => true,
      (error: unknown) => {
        if (error instanceof CutOff) return false;
        throw error;
      },
    );
};

const recordsOf = ({ ledger }: Ports) => collect(ledger.log.readStream('run-small'));

const ROLLBACK = ['RollbackRequested', 'RollbackVerified'];

it.each([
  ['a rescue', overshooting, ['CycleProposed', 'VerdictReached']],
  ['a back-off and a stall', hopeless, ['RegimeBackedOff', 'AdaptationStalled', 'CycleProposed']],
  ['an alarm', creeping, ['VerdictReached', ...ROLLBACK]],
] as const)(
  'a run that is killed before and after each step of %s comes to the same outcomes',
  async (_what, file, types) => {
    const calm = opened();
    await begin(calm, file('small'));
    await advanceRun(calm, 'small');
    const log = new CuttingAt(types);
    const cut = opened(log);
    await begin(cut, file('small'));
    await survive(() => advanceRun(cut, 'small'));
    for (const type of types) expect(log.cuts).toEqual(expect.arrayContaining([`before ${type}`, `after ${type}`]));
    expect(runDigest(await recordsOf(cut))).toBe(runDigest(await recordsOf(calm)));
    expect((await rejudgeRun(cut, 'small')).disagreements).toEqual([]);
  },
  120_000,
);

it('a drill that is killed at each of its steps is gone on with, to the champion it began from', async () => {
  const log = new CuttingAt(ROLLBACK);
  const ports = opened(log);
  await begin(ports, smallFile('small'));
  const { champion } = await advanceRun(ports, 'small');
  const drill = () => new DrillRunHandler(ports).execute(new DrillRun('small', 'practice', { requester: 'ada' }));
  for (const drilledFrom of [undefined, champion]) {
    await expect(drill()).rejects.toThrow(CutOff);
    expect((await loadRun(ports, 'small')).drilledFrom).toBe(drilledFrom);
  }
  await survive(() => advanceRun(ports, 'small'));
  expect(log.cuts).toHaveLength(8);
  expect(await loadRun(ports, 'small')).toMatchObject({ status: 'completed', champion, drilledFrom: undefined });
  expect((await recordsOf(ports)).slice(-6).map(({ type }) => type)).toEqual([
    'RollbackRequested',
    'ChampionRolledBack',
    'RollbackVerified',
    'RollbackRequested',
    'ChampionRolledBack',
    'RollbackVerified',
  ]);
  expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
}, 120_000);
