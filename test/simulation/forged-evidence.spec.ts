import type { Disagreement } from '#audit/domain/finding.js';
import { rejudgeRun } from '#audit/rejudge.js';
import {
  calibrationFigures,
  decodeCalibration,
  encodeCalibration,
  type CalibrationResults,
} from '#evaluation/domain/calibration-results.js';
import { decodeResults, encodeResults, type ItemResult } from '#evaluation/domain/item-results.js';
import { fold } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { verdictOf } from '#loop/judge-step.js';
import { loadContext, loadRun } from '#loop/run-context.js';
import { advanceRun } from '#loop/run-loop.js';
import { runStream } from '#run/domain/run.js';
import { MemoryLog } from '#store/memory-log.js';
import { begin, rash, smallFile, smallPorts } from './small-run.js';

type Ports = ReturnType<typeof smallPorts>;
type Data = Record['data'];
type Forger = (record: Record) => Readonly<{ type?: string; data: Data }> | Promise<Readonly<{ data: Data }>>;

const ports = smallPorts();
const closing: Ports[] = [ports];

beforeAll(async () => {
  await begin(ports, smallFile('small', { cycles: 1, regime: rash }));
  const run = await advanceRun(ports, 'small');
  expect(run.cycles[1]?.verdict?.verdict).toBe('REJECT');
}, 60_000);
afterAll(() => Promise.all(closing.map(({ shadow }) => shadow.close())));

/** What a forger would write, who knows the judge: the verdict that follows from the forged evidence, roots and all. */
const rejudged = async (forged: Ports): Promise<Data> => {
  const { records } = await fold(forged.ledger.log, runStream, 'small');
  const run = await loadRun(forged, 'small');
  return verdictOf(forged, await loadContext(forged, run.config), run, records, 1);
};

/** The whole log written again with every record as the forger wants it. */
const forge = async (forger: Forger, { follow = true } = {}): Promise<readonly Disagreement[]> => {
  const log = new MemoryLog();
  const forged = smallPorts({ log, artifacts: ports.artifacts });
  closing.push(forged);
  for await (const { record } of ports.ledger.log.readAll()) {
    const { stream, revision, ...proposed } = record;
    const changed = { ...proposed, ...(await forger(record)) };
    if (record.type === 'VerdictReached' && follow) changed.data = await rejudged(forged);
    await log.append(stream, revision === 0 ? 'no-stream' : revision - 1, [changed]);
  }
  return (await rejudgeRun(forged, 'small')).disagreements;
};

const isProbe = ({ type, data }: Record, role: string, subject?: string): boolean =>
  type === 'ProbesRecorded' && data['role'] === role && (subject === undefined || data['subject'] === subject);

/** Another results artifact in the place of the recorded one, and the counts that follow from it where they are simple. */
const withResults = async (record: Record, change: (items: readonly ItemResult[]) => readonly ItemResult[]) => {
  const recorded = decodeResults(await ports.artifacts.get(String(record.data['results'])));
  const results = await ports.artifacts.put(encodeResults({ ...recorded, items: change(recorded.items) }));
  return { data: { ...record.data, results } };
};

describe('a log forged with the judge at hand', () => {
  it('written again as it was, is judged the same', async () => {
    expect(await forge(({ data }) => ({ data }))).toEqual([]);
  }, 60_000);

  it('shows a candidate promoted without an ACCEPT', async () => {
    const found = await forge((record) =>
      record.type === 'CandidateRejected'
        ? { type: 'CandidatePromoted', data: { ...record.data, champion: record.data['candidate'] } }
        : { data: record.data },
    );
    expect(found).toEqual([
      expect.objectContaining({
        cycle: 1,
        recorded: 'CandidatePromoted',
        recomputed: expect.stringMatching(/CandidateRejected/),
      }),
    ]);
  }, 60_000);

  it('shows probes of weights that are not the candidate', async () => {
    const found = await forge((record) =>
      isProbe(record, 'gate', 'candidate')
        ? { data: { ...record.data, checkpoint: String(record.data['results']) } }
        : { data: record.data },
    );
    expect(found).toEqual([
      expect.objectContaining({
        recorded: 'ProbesRecorded',
        recomputed: expect.stringMatching(/is not the candidate/),
      }),
    ]);
  }, 60_000);

  it('shows items that were left out for candidate and anchor alike', async () => {
    const found = await forge((record) =>
      isProbe(record, 'gate') ? withResults(record, (items) => items.slice(1)) : { data: record.data },
    );
    expect(found.map(({ what }) => what)).toEqual([
      'results of item 0 of the gate probes of the candidate',
      'results of item 0 of the gate probes of the anchor',
      'figures of the controls',
      'results of document 0 of the calibration of the candidate',
      'results of document 0 of the calibration of the anchor',
    ]);
  }, 60_000);

  it('shows better losses than the figures beside them say', async () => {
    const better = (items: readonly ItemResult[]) =>
      items.map((item) => ({ ...item, nllNats: (item.nllNats ?? 0) / 2 }));
    const found = await forge((record) =>
      isProbe(record, 'gate', 'candidate') ? withResults(record, better) : { data: record.data },
    );
    expect(found.map(({ what }) => what)).toEqual([
      'nllNatsSum of the gate probes of the candidate',
      'metrics of the gate probes of the candidate',
      'figures of the controls',
      'results of document 0 of the calibration of the candidate',
    ]);
  }, 60_000);

  it.each(['general-bits-per-byte-loss-mean', 'general-quality-cusum'])(
    'shows a changed %s, which an alarm stands on',
    async (metric) => {
      const found = await forge(({ data }) => ({ data: data['metric'] === metric ? { ...data, value: -1 } : data }));
      expect(found.map(({ what }) => what)).toEqual([`the drift ${metric}`]);
    },
    60_000,
  );

  it.each([
    ['queriesLeft', 1_000, 'queriesLeft of the gate probes of the candidate'],
    ['evaluator', 'kind', 'evaluator of the gate probes of the candidate'],
  ])(
    'shows a changed %s',
    async (field, value, what) => {
      const found = await forge((record) => ({
        data: isProbe(record, 'gate', 'candidate') ? { ...record.data, [field]: value } : record.data,
      }));
      expect(found.map((each) => each.what)).toContain(what);
    },
    60_000,
  );

  const isControls = ({ type }: Record): boolean => type === 'ControlsChecked';

  it('shows better answers to the controls than the figures beside them say', async () => {
    const better = (items: readonly ItemResult[]) =>
      items.map((item) => (item.id.startsWith('positive') ? { ...item, correct: item.scored - 1 } : item));
    const found = await forge((record) => (isControls(record) ? withResults(record, better) : { data: record.data }));
    expect(found.map(({ what }) => what)).toEqual(['figures of the controls']);
  }, 60_000);

  it('shows controls that were left out, and controls on other items', async () => {
    const fewer = await forge((record) =>
      isControls(record) ? withResults(record, (items) => items.slice(1)) : { data: record.data },
    );
    expect(fewer.map(({ what }) => what)).toEqual(['results of the controls']);
    const others = await forge((record) => ({
      data: isControls(record) ? { ...record.data, itemsDigest: '0'.repeat(64) } : record.data,
    }));
    expect(others.map(({ what }) => what)).toEqual(['itemsDigest of the controls']);
  }, 60_000);

  it('shows a failed control that voided nothing', async () => {
    const found = await forge((record) => {
      const { controls } = record.data as { controls?: object[] };
      const all = (controls ?? []).map((each) => ({ ...each, held: false }));
      return { data: isControls(record) ? { ...record.data, controls: all } : record.data };
    });
    expect(found).toContainEqual(
      expect.objectContaining({ recomputed: expect.stringMatching(/rules write another EvaluationVoided here/) }),
    );
  }, 60_000);

  it('shows a proposal that is not the one the run was started with', async () => {
    const found = await forge(({ type, data }) => {
      const { regime } = data as { regime?: { learningRate: number } };
      return { data: type === 'CycleProposed' ? { ...data, regime: { ...regime, learningRate: 0.5 } } : data };
    });
    expect(found.map(({ what }) => what)).toEqual(['regime of the proposal', 'violations of the proposal']);
  }, 60_000);

  it('shows a run that claims another lineage', async () => {
    const found = await forge(({ type, data }) => ({
      data:
        type === 'RunStarted' ? { ...data, lineage: { ...(data['lineage'] as object), root: 'somebody-else' } } : data,
    }));
    expect(found.map(({ what }) => what)).toEqual(['lineage']);
  }, 60_000);

  it.each([
    ['lineageIndex', 7],
    ['constitution', { id: 'lenient', version: 2 }],
    ['cites', []],
  ])(
    'shows a verdict with another %s',
    async (field, value) => {
      const found = await forge(
        (record) => ({ data: record.type === 'VerdictReached' ? { ...record.data, [field]: value } : record.data }),
        { follow: false },
      );
      expect(found.map(({ what }) => what)).toEqual([field]);
    },
    60_000,
  );

  const withCalibration = async (record: Record, change: (results: CalibrationResults) => CalibrationResults) => {
    const recorded = decodeCalibration(await ports.artifacts.get(String(record.data['results'])));
    const changed = change(recorded);
    return { changed, results: await ports.artifacts.put(encodeCalibration(changed)) };
  };
  const calibratedAs = (change: (results: CalibrationResults) => CalibrationResults, told: boolean): Forger =>
    async function forger(record) {
      if (record.type !== 'CalibrationMeasured' || record.data['subject'] !== 'candidate') return { data: record.data };
      const { changed, results } = await withCalibration(record, change);
      return { data: { ...record.data, ...(told && calibrationFigures(changed)), results } };
    };
  const surer = ({ documents, ...rest }: CalibrationResults): CalibrationResults => ({
    ...rest,
    documents: documents.map((each) => ({ ...each, brierSum: (each.brierSum ?? 0) / 2 })),
  });

  it('shows a calibration whose figure is not that of its documents', async () => {
    const found = await forge(calibratedAs(surer, false));
    expect(found.map(({ what }) => what)).toEqual(['brier of the calibration of the candidate']);
  }, 60_000);

  it('shows a calibration of other losses than the probes found', async () => {
    const kinder = ({ documents, ...rest }: CalibrationResults): CalibrationResults => ({
      ...rest,
      documents: documents.map((each, at) => (at === 3 ? { ...each, nllNats: (each.nllNats ?? 0) - 0.1 } : each)),
    });
    const found = await forge(calibratedAs(kinder, true));
    expect(found.map(({ what }) => what)).toEqual(['results of document 3 of the calibration of the candidate']);
  }, 60_000);

  it('shows a calibration of other weights', async () => {
    const found = await forge((record) =>
      record.type === 'CalibrationMeasured'
        ? { data: { ...record.data, checkpoint: String(record.data['results']) } }
        : { data: record.data },
    );
    expect(found).toContainEqual(
      expect.objectContaining({
        recorded: 'CalibrationMeasured',
        recomputed: expect.stringMatching(/is not the cand/),
      }),
    );
  }, 60_000);
});
