import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recorded } from '#ledger/log.js';
import type { CycleView } from '#run/cycle.view.js';
import { PgliteSql } from '#store/sql-pglite.js';
import { all } from '../contract/collecting.js';
import { Asking } from './asking.js';
import { closeAll, told, withLosses, type Lie } from './lying.js';

/** Cycle 1 of a run as the read models have it after each of its records, whatever its evaluator makes up. */
const cyclesAfterEach = (lie: Lie) => {
  const seen = new Map<number, CycleView>();
  let records: readonly Recorded[] = [];
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'views-'));
    const { ports } = await told(lie);
    records = await all(ports.ledger.log.readAll());
    const database = new PgliteSql(join(folder, 'views'));
    const asking = new Asking(ports.ledger.log, database);
    await asking.views.reached(records.length, 60_000);
    const proposed = records.find(({ record }) => record.type === 'CycleProposed')?.position ?? 0;
    for (const { position } of records.slice(proposed - 1)) {
      const one = await asking.cycles.one('small', 1, position);
      const { items } = await asking.cycles.list('small', { asOf: position });
      expect(items[1]).toEqual(one);
      seen.set(position, one);
    }
    await asking.close();
    await database.close();
    await rm(folder, { recursive: true });
  }, 120_000);
  afterAll(closeAll);
  /** A kind of record of cycle 1, in its order. */
  const of = (type: string): readonly Recorded[] =>
    records.filter(({ record }) => record.type === type && record.data['cycle'] === 1);
  const as = (position: number): CycleView => seen.get(position) as CycleView;
  return { of, as, last: () => as(records.length) };
};

const withoutEnv = ({ record, position }: Recorded, ...leftOut: readonly string[]): object => {
  const { cycle: _cycle, env: _env, results: _results, ...data } = record.data;
  return { ...Object.fromEntries(Object.entries(data).filter(([name]) => !leftOut.includes(name))), position };
};

describe('a cycle whose evaluator is honest', () => {
  const { of, as, last } = cyclesAfterEach((honest, { checkpoint, sequences }) => honest(checkpoint, sequences));

  it('shows every control as it was recorded, from the record on', () => {
    const [checked] = of('ControlsChecked');
    const position = checked?.position ?? 0;
    expect(as(position - 1).controls).toBeNull();
    const { controls } = as(position);
    expect(controls).toMatchObject({ evaluator: 'native', held: 8, checked: 8, failed: [], position });
    expect(controls?.figures).toEqual(checked?.record.data['controls']);
    expect(last()).toMatchObject({ controls, voids: [] });
  });

  it('shows both comparisons with other evaluators', () => {
    const [second, third] = of('ShadowCompared') as [Recorded, Recorded];
    expect(as(second.position)).toMatchObject({ shadow: { evaluators: ['native', 'onnx'] }, reference: null });
    expect(as(third.position)).toMatchObject({
      shadow: { items: second.record.data['items'], agreed: true, reasons: [] },
      reference: { evaluators: ['native', 'reference'], items: third.record.data['items'], agreed: true, reasons: [] },
    });
  });

  it('shows the calibration of candidate and anchor as they were recorded', () => {
    const measured = of('CalibrationMeasured');
    expect(measured.map(({ record }) => record.data['subject'])).toEqual(['candidate', 'anchor']);
    const [first, second] = measured as [Recorded, Recorded];
    const [candidate, anchor] = [withoutEnv(first, 'subject'), withoutEnv(second, 'subject')];
    expect(as(first.position - 1).calibration).toBeNull();
    expect(as(first.position).calibration).toEqual({ candidate, anchor: null });
    expect(last().calibration).toEqual({ candidate, anchor });
  });
});

describe('a cycle whose evaluator makes up better losses', () => {
  const { of, as, last } = cyclesAfterEach(async (honest, { checkpoint, sequences }) =>
    withLosses(await honest(checkpoint, sequences), (loss) => loss / 2),
  );

  it('names the controls that failed, with what was seen and what was expected', () => {
    const { controls } = last();
    const broken = controls?.figures.filter(({ held }) => !held) ?? [];
    expect(broken).toContainEqual(
      expect.objectContaining({ control: 'null', model: 'uniform', seen: expect.any(Number) }),
    );
    expect(controls?.failed).toHaveLength(broken.length);
    expect(controls?.failed).toContainEqual(
      expect.stringMatching(/^null control \(uniform\): 2\.77259 nats per byte, expected exactly 5\.54518$/),
    );
    expect(controls?.held).toBe(8 - new Set(broken.map(({ control }) => control)).size);
  });

  it('says that the evaluation is void, and why, from that record on', () => {
    const [voided] = of('EvaluationVoided') as [Recorded];
    expect(as(voided.position - 1)).toMatchObject({ voids: [], controls: { checked: 8 } });
    expect(last()).toMatchObject({ outcome: 'REJECT', calibration: null });
    expect(last().voids).toEqual([withoutEnv(voided, 'checkpoint')]);
    expect(last().voids[0]).toMatchObject({ evaluator: 'native', cause: 'control' });
  });
});
