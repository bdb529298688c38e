import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditRejudging } from '#audit/audit-rejudging.js';
import { decide } from '#ledger/ledger.js';
import type { Recorded } from '#ledger/log.js';
import { advanceRun } from '#loop/run-loop.js';
import { rollBack } from '#run/domain/decisions.js';
import { runStream } from '#run/domain/run.js';
import { PgliteSql } from '#store/sql-pglite.js';
import { all } from '../contract/collecting.js';
import { Asking, logOf } from './asking.js';
import { begin, rash, smallFile, smallPorts } from './small-run.js';

const human = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;

describe('questions about a small run', () => {
  const ports = smallPorts();
  let folder: string;
  let database: PgliteSql;
  let asking: Asking;
  let entries: readonly Recorded[];
  const at = (type: string): number => {
    const found = entries.find(({ record }) => record.type === type);
    if (!found) throw new Error(`the run has no ${type}`);
    return found.position;
  };

  beforeAll(async () => {
    const gentle = (smallFile('a') as { regime: object }).regime;
    const regime = [
      { fromCycle: 1, regime: gentle },
      { fromCycle: 2, regime: rash },
    ];
    await begin(ports, smallFile('small', { regime }));
    const run = await advanceRun(ports, 'small');
    const anchor = run.anchor?.checkpoint ?? '';
    if (run.champion !== anchor) {
      await decide(ports.ledger, runStream, 'small', rollBack(anchor, 'drill', 'ada'), human);
      await advanceRun(ports, 'small');
    }
    entries = await all(ports.ledger.log.readAll());
    folder = await mkdtemp(join(tmpdir(), 'views-'));
    database = new PgliteSql(join(folder, 'views'));
    asking = new Asking(ports.ledger.log, database, new AuditRejudging(ports));
    await asking.views.reached(entries.length, 60_000);
  }, 120_000);
  afterAll(async () => {
    await asking.close();
    await database.close();
    await ports.shadow.close();
    await rm(folder, { recursive: true });
  });

  it('lists runs with their state', async () => {
    const { items, nextCursor, asOf } = await asking.runs.list({});
    expect({ nextCursor, asOf }).toEqual({ nextCursor: null, asOf: entries.length });
    expect(items).toEqual([await asking.runs.one('small')]);
    expect(items[0]).toMatchObject({
      run: 'small',
      status: 'completed',
      seed: 1,
      cyclesPlanned: 2,
      cyclesClosed: 2,
      openCycle: null,
      rejected: expect.any(Number),
      regimes: [
        { fromCycle: 1, label: 'gentle' },
        { fromCycle: 2, label: 'rash' },
      ],
    });
    expect((await asking.runs.list({ status: 'running' })).items).toEqual([]);
    expect(await asking.runs.one('small', at('CycleProposed'))).toMatchObject({ status: 'running', openCycle: 1 });
    await expect(asking.runs.one('other')).rejects.toThrow(/run other: there is none/);
    await expect(asking.runs.one('small', at('RunStarted') - 1)).rejects.toThrow(/none in the log as of position/);
    await expect(asking.runs.one('small', 9_999)).rejects.toThrow(/asOf: 9999 is not allowed: 0 to \d+/);
  });

  it('shows cycles with their figures and intervals', async () => {
    const { items } = await asking.cycles.list('small', {});
    expect(items.map(({ cycle, outcome }) => [cycle, outcome])).toEqual([
      [0, 'BASE'],
      [1, expect.stringMatching(/ACCEPT|INCONCLUSIVE|REJECT/)],
      [2, 'REJECT'],
    ]);
    const [, , rejected] = items;
    expect(rejected).toMatchObject({
      proposal: { regime: 'rash', policy: 'uniform' },
      update: { stage: 'produced', attempts: 1 },
      capability: { metric: 'capability', reference: 'champion', units: 60 },
      generalQuality: { metric: 'general-bits-per-byte', reference: 'anchor', units: 60 },
      shadow: { agreed: true },
    });
    const { gain, gainLow95, gainHigh95, candidate, champion } = rejected?.capability ?? {};
    expect(gain).toBeCloseTo((candidate ?? 0) - (champion ?? 0), 9);
    expect(gainLow95).toBeLessThan(gain ?? 0);
    expect(gainHigh95).toBeGreaterThan(gain ?? 0);
    expect(await asking.cycles.one('small', 2)).toEqual(rejected);
    expect(await asking.cycles.one('small', 1, at('CycleProposed'))).toMatchObject({ outcome: 'OPEN', update: null });
    await expect(asking.cycles.one('small', 3)).rejects.toThrow(/cycle 3: run small has not begun it/);
  });

  it('explains a verdict rule by rule and judges it again', async () => {
    const verdict = await asking.verdicts.explain('small', 2, {});
    expect(verdict).toMatchObject({ verdict: 'REJECT', agrees: true, differences: [], notRecomputed: null });
    expect(verdict.evidence.length).toBeGreaterThan(8);
    for (const { stream, revision, position, type } of verdict.evidence)
      expect(entries[position - 1]?.record).toMatchObject({ stream, revision, type });
    const without = verdict.rules.filter(({ evidence }) => evidence.length === 0).map(({ statistic }) => statistic);
    expect(without).toEqual(['candidate number']);
    const paired = verdict.rules.filter((rule) => rule.paired !== null);
    expect(paired.length).toBeGreaterThan(1);
    for (const { paired: read, evidence } of paired) {
      expect(read?.low95).toBeLessThan(read?.high95 ?? 0);
      const stood = read?.measure === 'brier' ? 'CalibrationMeasured' : 'ProbesRecorded';
      expect(evidence.map(({ type }) => type)).toEqual([stood, stood]);
    }
    await expect(asking.verdicts.explain('small', 0, {})).rejects.toThrow(/no verdict on it/);
  });

  it('says what comes out otherwise when the record is not what the evidence gives', async () => {
    const changed = entries.map((entry) => {
      if (entry.record.type !== 'VerdictReached') return entry;
      return { ...entry, record: { ...entry.record, data: { ...entry.record.data, alphaLeft: 0.4321 } } };
    });
    const log = await logOf(changed);
    const forged = smallPorts({ log, artifacts: ports.artifacts });
    const other = new PgliteSql(join(folder, 'forged'));
    const again = new Asking(log, other, new AuditRejudging(forged));
    await again.views.reached(entries.length, 60_000);
    const { agrees, differences, alphaLeft } = await again.verdicts.explain('small', 2, {});
    expect({ agrees, alphaLeft }).toEqual({ agrees: false, alphaLeft: 0.4321 });
    expect(differences).toEqual([{ what: 'alphaLeft', recorded: '0.4321', recomputed: expect.any(String) }]);
    await again.close();
    await other.close();
    await forged.shadow.close();
  }, 60_000);

  it('knows what was live when, and why', async () => {
    const [started, anchored] = [at('RunStarted'), at('AnchorEstablished')];
    await expect(asking.live.at('small', { position: started - 1 })).rejects.toThrow(/none in the log as of position/);
    for (const position of [started, anchored - 1])
      expect(await asking.live.at('small', { position })).toMatchObject({
        live: false,
        checkpoint: null,
        asOf: position,
        sentence: `Nothing of run small was live at position ${position}: its anchor was not established yet.`,
      });
    const anchor = await asking.live.at('small', { position: anchored });
    expect(anchor).toMatchObject({ live: true, via: 'anchor', position: anchored, constitution: null });
    expect(await asking.live.at('small', { time: anchor.since ?? '' })).toMatchObject({
      via: 'anchor',
      asOf: anchored,
    });
    expect(await asking.live.at('small', { time: '1999-12-31T23:59:59+02:00' })).toMatchObject({
      live: false,
      asOf: 0,
    });
    const promoted = entries.find(({ record }) => record.type === 'CandidatePromoted');
    if (promoted) {
      const { position, record } = promoted;
      expect(await asking.live.at('small', { position })).toMatchObject({
        live: true,
        via: 'promotion',
        checkpoint: record.data['champion'],
        cycle: 1,
        constitution: 'lenient',
        verdictPosition: position - 1,
        predecessor: anchor.checkpoint,
      });
      expect(await asking.live.at('small', {})).toMatchObject({
        via: 'rollback',
        reason: 'drill',
        checkpoint: anchor.checkpoint,
        constitution: null,
      });
    }
    await expect(asking.live.at('small', { position: 1, time: '2026-01-01T00:00:00Z' })).rejects.toThrow(/ask by one/);
    await expect(asking.live.at('other', {})).rejects.toThrow(/there is none in the log/);
  });

  it('tells every event in a sentence, whichever way and page by page', async () => {
    const records = entries.filter(({ record }) => record.stream === 'run-small');
    const whole = await asking.timeline.events('small', { limit: 1000 });
    expect(whole.items.map(({ position, id, type }) => [position, id, type])).toEqual(
      records.map(({ position, record }) => [position, record.id, record.type]),
    );
    for (const { sentence } of whole.items) expect(sentence).toMatch(/^\S.* .*[.]$/);
    const paged = [];
    for (let cursor: string | undefined; ;) {
      const page = await asking.timeline.events('small', { limit: 7, order: 'desc', ...(cursor && { cursor }) });
      paged.push(...page.items);
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(paged.reverse()).toEqual(whole.items);
    const { items } = await asking.timeline.events('small', { type: 'VerdictReached', cycle: 2 });
    expect(items).toEqual([expect.objectContaining({ cycle: 2, sentence: expect.stringMatching(/^Rejected/) })]);
  });

  it('gives the drift and the allocation as series', async () => {
    const drift = await asking.drift.series('small', { metric: 'kl-to-champion' });
    expect(drift.items.map(({ cycle, reference }) => [cycle, reference])).toEqual([
      [1, 'champion'],
      [2, 'champion'],
    ]);
    const { items } = await asking.allocation.series('small', { limit: 1000 });
    for (const cycle of [1, 2]) {
      const shares = items.filter((item) => item.cycle === cycle);
      expect(shares.map(({ domain }) => domain)).toEqual(shares.map(({ domain }) => domain).sort());
      expect(shares.reduce((sum, { ppm }) => sum + ppm, 0)).toBe(1_000_000);
    }
    await expect(asking.drift.series('other', {})).rejects.toThrow(/run other: there is none/);
  });

  it.each(['x', 'e30', Buffer.from('{"after":{"asOf":1,"key":{"a":1}},"kind":"cycles small"}').toString('base64url')])(
    'refuses the cursor %s',
    async (cursor) => {
      await expect(asking.cycles.list('small', { cursor })).rejects.toThrow(/^cursor: /);
    },
  );
});
