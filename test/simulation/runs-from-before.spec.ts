import { defaultConstitution } from '#constitution/domain/document.js';
import { rejudgeRun } from '#audit/rejudge.js';
import { collect } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { advanceRun } from '#loop/run-loop.js';
import { MemoryLog } from '#store/memory-log.js';
import { closeAll, opened, replayed } from './lying.js';
import { begin, smallFile, smallPorts } from './small-run.js';

afterAll(closeAll);

/** The rules as they were before there were controls, a third evaluator and calibration. */
const rules = defaultConstitution.rules
  .filter(({ rule }) => !['honeypots-fail', 'controls-passed', 'calibration-kept'].includes(rule))
  .map((rule) => (rule.rule === 'evaluators-agree' ? { ...rule, atLeast: 2 } : rule));

/** A run as the first version recorded its beginning. */
const asBefore = ({ type, data }: Record): Partial<Record> => {
  if (type !== 'RunStarted') return {};
  const {
    config: whole,
    experiment: _experiment,
    ...rest
  } = data as {
    config: { evaluation: object; rescue: object; stall: object | null };
    experiment: null;
  };
  const { rescue: _rescue, stall: _stall, ...config } = whole;
  const {
    referenceItems: _items,
    controlBlocks: _blocks,
    calibrationDocuments: _documents,
    ...evaluation
  } = config.evaluation as { [key: string]: number };
  return { version: 1, data: { ...rest, exploratory: true, config: { ...config, evaluation } } };
};

it('a run that began before there were controls goes on without them, and is judged again and replayed as it was', async () => {
  const prepared = smallPorts();
  const log = new MemoryLog();
  const ports = smallPorts({ log, artifacts: prepared.artifacts });
  opened.push(prepared, ports);
  const constitution = { name: 'before', alphaPlan: { alpha: 0.5, kMax: 4 }, rules, stall: null };
  await begin(prepared, smallFile('small', { cycles: 1, constitution }));
  for await (const { record } of prepared.ledger.log.readAll()) {
    const { stream, revision, ...proposed } = record;
    await log.append(stream, revision === 0 ? 'no-stream' : revision - 1, [{ ...proposed, ...asBefore(record) }]);
  }
  Object.assign(ports, { ledger: { ...prepared.ledger, log } });
  const run = await advanceRun(ports, 'small');
  expect(run.cycles[1]?.verdict?.verdict).toBe('ACCEPT');
  const records = await collect(log.readStream('run-small'));
  const types = records.map(({ type }) => type);
  // Replayed to the same digest by a build that had written nothing else.
  expect(records.find(({ type }) => type === 'CycleProposed')).toMatchObject({ version: 1 });
  expect(types.filter((type) => type === 'ShadowCompared')).toHaveLength(1);
  for (const later of ['ControlsChecked', 'CalibrationMeasured']) expect(types).not.toContain(later);
  expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
  const again = await replayed(ports);
  expect(again).toMatchObject({ divergence: null, eventsMatched: again.events });
}, 60_000);
