import { Rng } from '#corpus/domain/random.js';
import { runDigest } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import { advanceRun } from '#loop/run-loop.js';
import { begin, smallFile, smallPorts } from '../simulation/small-run.js';
import { temporaryFolder, type } from './command-line.js';
import { prepareRunIn, recordsIn, untilLast } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';

/** Each costs a start of the service; the rest of them is left to `npm run test:full`. */
const KILLS = process.env['TEST_SCOPE'] === 'full' ? 20 : 7;
const CYCLES = 8;
const MOST_EVENTS_A_LIFE = 5;
const MOST_DELAY_MS = 60;
const STREAM = 'run-small';

const folder = temporaryFolder();
const file = smallFile('small', {
  cycles: CYCLES,
  constitution: { name: 'lenient', alphaPlan: { alpha: 0.5, kMax: 8 } },
});
const isOver = ({ type: said }: Readonly<{ type: string }>): boolean => said === 'RunCompleted';

it(`comes to the same champion and the same run digest after ${KILLS} kills at random moments`, async () => {
  const calm = smallPorts();
  await begin(calm, file);
  const { champion } = await advanceRun(calm, 'small');
  const digest = runDigest(await collect(calm.ledger.log.readStream(STREAM)));
  await calm.shadow.close();

  const data = folder.path('killed');
  await prepareRunIn(data, file);
  const draws = Rng.from('1', 'kills');
  let kills = 0;
  for (; kills < KILLS; kills += 1) {
    const had = (await recordsIn(data, STREAM)).length;
    const service = await ServiceProcess.start(data, '--log-level', 'silent');
    const wanted = had + 1 + draws.below(MOST_EVENTS_A_LIFE);
    const last = await untilLast(data, STREAM, (record) => record.revision + 1 >= wanted || isOver(record));
    if (isOver(last)) break;
    await new Promise((resolve) => setTimeout(resolve, draws.below(MOST_DELAY_MS)));
    await service.kill();
  }
  expect(kills).toBe(KILLS);

  const last = await ServiceProcess.start(data, '--log-level', 'silent');
  await untilLast(data, STREAM, isOver);
  const records = await recordsIn(data, STREAM);
  expect(await last.stop()).toBe(0);
  expect(runDigest(records)).toBe(digest);
  const recovered = records.filter(({ type }) => type === 'CycleRecovered');
  const crashed = records.filter(({ type, data: { reason } }) => type === 'UpdateAborted' && reason === 'crash');
  expect(recovered).toHaveLength(crashed.length);
  const promoted = records.filter(({ type }) => type === 'CandidatePromoted').map(({ data: { cycle } }) => cycle);
  expect(promoted).toEqual([...new Set(promoted)]);
  const verified = await type(['verify', '--data', data, '--json']);
  expect(verified.code).toBe(0);
  expect(records.at(-1)?.data['champion']).toBe(champion);
}, 300_000);
