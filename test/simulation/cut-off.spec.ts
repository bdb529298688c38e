import { rejudgeRun } from '#audit/rejudge.js';
import { Rng } from '#corpus/domain/random.js';
import { runDigest } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import { advanceRun } from '#loop/run-loop.js';
import { MemoryLog } from '#store/memory-log.js';
import { CutOff, CuttingLog } from './cutting-log.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const ports: ReturnType<typeof smallPorts>[] = [];
afterAll(() => Promise.all(ports.map(({ shadow }) => shadow.close())));
const opened = (log = new MemoryLog()): ReturnType<typeof smallPorts> => {
  const some = smallPorts({ log });
  ports.push(some);
  return some;
};

const MOST_WRITES_A_LIFE = 4;

it.each([1, 2, 3])(
  'a run that is cut off before and after its writes, over and over, comes to the same outcomes (seed %i)',
  async (seed) => {
    const calm = opened();
    await begin(calm, smallFile('small'));
    await advanceRun(calm, 'small');
    const log = new CuttingLog();
    const cut = opened(log);
    await begin(cut, smallFile('small'));
    const draws = Rng.from(String(seed), 'cut-off');
    for (let over = false; !over;) {
      log.left = draws.below(MOST_WRITES_A_LIFE);
      log.before = draws.below(2) === 0;
      over = await advanceRun(cut, 'small').then(
        () => true,
        (error: unknown) => {
          if (error instanceof CutOff) return false;
          throw error;
        },
      );
    }
    const records = await collect(log.readStream('run-small'));
    expect(log.cuts.size).toBeGreaterThan(8);
    expect(runDigest(records)).toBe(runDigest(await collect(calm.ledger.log.readStream('run-small'))));
    const queries = (await collect(log.readAll({ types: ['ProbeSuiteQueried'] }))).map(({ stream, data }) =>
      JSON.stringify([stream, data['cycle'], data['candidate']]),
    );
    expect(queries).toEqual([...new Set(queries)]);
    const after = records.flatMap(({ type, data }, at) =>
      type === 'UpdateAborted' && data['reason'] === 'crash' ? [records[at + 1]?.type] : [],
    );
    expect(after.every((type) => type === 'CycleRecovered')).toBe(true);
    expect((await rejudgeRun(cut, 'small')).disagreements).toEqual([]);
  },
  120_000,
);
