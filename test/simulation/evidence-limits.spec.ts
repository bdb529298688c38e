import type { Reason } from '#constitution/domain/verdict.js';
import { rejudgeRun } from '#audit/rejudge.js';
import { fold, Ledger } from '#ledger/ledger.js';
import { verdictOf } from '#loop/judge-step.js';
import { loadContext, loadRun } from '#loop/run-context.js';
import { advanceRun } from '#loop/run-loop.js';
import type { Cycle } from '#run/domain/cycle.js';
import { runStream, type Started } from '#run/domain/run.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const ports = smallPorts();
const closing = [ports];
let run: Started;

beforeAll(async () => {
  await begin(ports, smallFile('small', { cycles: 1 }));
  run = await advanceRun(ports, 'small');
  expect(run.cycles[1]?.verdict?.verdict).toBe('ACCEPT');
}, 60_000);
afterAll(() => Promise.all(closing.map(({ shadow }) => shadow.close())));

const failed = (reasons: readonly Reason[]) => reasons.filter(({ outcome }) => outcome === 'fail');

describe('evidence that is missing', () => {
  const without = async (change: (cycle: Cycle) => Cycle) => {
    const { records } = await fold(ports.ledger.log, runStream, 'small');
    const cycles = run.cycles.map((cycle) => (cycle.cycle === 1 ? change(cycle) : cycle));
    return verdictOf(ports, await loadContext(ports, run.config), { ...run, cycles }, records, 1);
  };

  it.each<[string, (cycle: Cycle) => Cycle, RegExp]>([
    [
      'the gate probes of the anchor',
      (cycle) => ({ ...cycle, probes: cycle.probes.filter(({ subject }) => subject !== 'anchor') }),
      /no gate probes of the anchor/,
    ],
    ['the second evaluator', ({ shadow: _shadow, ...cycle }) => cycle, /no second evaluator was asked/],
    ['drift', (cycle) => ({ ...cycle, drift: [] }), /kl-to-champion was not measured/],
  ])('rejects: %s', async (_what, change, sentence) => {
    const { verdict, summary, reasons, alphaSpent, alphaLeft } = await without(change);
    expect({ verdict, summary }).toEqual({ verdict: 'REJECT', summary: expect.stringMatching(sentence) });
    expect(failed(reasons)).toMatchObject([{ rule: 'evidence-complete', kind: 'EVIDENCE' }]);
    expect([alphaSpent, alphaLeft]).toEqual([0.125, 0.375]);
  });
});

describe('calibration', () => {
  it('is told of candidate and anchor, and a rule about it that misses its evidence fails', async () => {
    const measured = run.cycles[1]?.calibration ?? [];
    expect(measured.map(({ subject, documents }) => [subject, documents])).toEqual([
      ['candidate', 60],
      ['anchor', 60],
    ]);
    for (const { ece, brier, aurc, coverage } of measured)
      for (const figure of [ece, brier, aurc, coverage]) expect(figure).toBeGreaterThan(0);
    const { records } = await fold(ports.ledger.log, runStream, 'small');
    const cycles = run.cycles.map((cycle) => ({ ...cycle, calibration: cycle.calibration.slice(1) }));
    const { verdict, reasons } = await verdictOf(
      ports,
      await loadContext(ports, run.config),
      { ...run, cycles },
      records,
      1,
    );
    expect(verdict).toBe('REJECT');
    expect(failed(reasons)).toMatchObject([{ rule: 'calibration-kept', kind: 'NON-INFERIORITY', value: 0 }]);
  });
});

describe('a suite whose budget is used up', () => {
  it('is answered on, and the candidate is rejected for it', async () => {
    const log = new MemoryLog();
    const other = smallPorts({ log, artifacts: ports.artifacts });
    closing.push(other);
    for await (const { record } of ports.ledger.log.readAll()) {
      const { stream, revision, data, ...proposed } = record;
      const used = { ...data, ...(record.type === 'ProbeSuiteSealed' && { reuseBudgetQueries: 0 }) };
      if (record.type === 'ProbeSuiteQueried') continue;
      if (record.stream === 'run-small' && revision > 0) continue;
      await log.append(stream, revision === 0 ? 'no-stream' : revision - 1, [{ ...proposed, data: used }]);
    }
    Object.assign(other, { ledger: new Ledger(log, new CountedClock(), new CountedIds(1_000_000)) });
    await advanceRun(other, 'small');
    const { cycles, status } = await loadRun(other, 'small');
    expect(status).toBe('completed');
    const { verdict, reasons = [] } = cycles[1]?.verdict ?? {};
    expect(verdict).toBe('REJECT');
    expect(failed(reasons)).toMatchObject([{ rule: 'suites-within-budget', kind: 'BUDGET', value: 1 }]);
    expect((await rejudgeRun(other, 'small')).disagreements).toEqual([]);
  }, 60_000);
});
