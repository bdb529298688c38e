import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { checkApprovals } from '#audit/check-approvals.js';
import { human } from '#doors/actors.js';
import { experimentStream } from '#experiment/domain/experiment.js';
import { publishReport } from '#experiment/domain/publishing.js';
import { Refused } from '#ledger/decider.js';
import { decide, Ledger } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import type { Record } from '#ledger/record.js';
import { reportOf, type MadeReport } from '#report/report-of.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { logFrom, recordsOf, REPORTS } from './recorded.js';

/**
 * An experiment of six runs as it was recorded, and what its report came to. The same records give the same bytes for ever, or
 * `FORMAT` is another one. GOLDEN=write writes what they come to under a new format; it changes no old one.
 */
const records = recordsOf('records.jsonl.gz');

const HYPOTHESES = ['gains', 'kept', 'harmless', 'unread', 'near', 'leaps'];

const logOf = (change?: (record: Record) => Partial<Record> | undefined): Promise<Log> => logFrom(records, change);

const made = async (log: Log, before?: number): Promise<MadeReport> => {
  const report = await reportOf(log, 'drug', before);
  if (!report) throw new RangeError('drug: not registered');
  return report;
};

const publish = (log: Log, published: MadeReport['published']): Promise<unknown> =>
  decide(new Ledger(log, new CountedClock(), new CountedIds()), experimentStream, 'drug', publishReport(published), {
    actor: human('ada'),
  });

let log: Log;
let report: MadeReport;
beforeAll(async () => {
  log = await logOf();
  report = await made(log);
});

describe('the same records', () => {
  it('give the bytes that they gave when the format was new', () => {
    const path = join(REPORTS, `${report.published.format.replace('/', '-')}.json`);
    if (process.env['GOLDEN'] === 'write' && !existsSync(path))
      writeFileSync(path, `${JSON.stringify(report.published, null, 2)}\n`);
    expect(report.published).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  });

  it('give them again, whatever else is in the log and whether it was published before', async () => {
    const other = await logOf((record) => (record.stream === 'run-before' && record.revision > 0 ? undefined : {}));
    const again = await made(other);
    await publish(other, again.published);
    expect(again.files.html.replace(/\(log [\d–]+\)|record \d+/g, '')).toBe(
      report.files.html.replace(/\(log [\d–]+\)|record \d+/g, ''),
    );
    expect((await made(other)).files).toEqual(again.files);
  });
});

describe('a report', () => {
  it('has every hypothesis in the order in which it was registered, whatever came of it', () => {
    const heads = report.report.blocks.flatMap((block) =>
      block.kind === 'heading' && block.id.startsWith('hypothesis-') ? block.id.slice('hypothesis-'.length) : [],
    );
    expect(heads).toEqual(HYPOTHESES);
    const [results] = report.report.blocks.flatMap((block) => (block.kind === 'table' ? block.table : []));
    expect(results?.rows.map(({ cells }) => [cells[0], cells[2]])).toEqual([
      ['gains', 'inconclusive'],
      ['kept', 'inconclusive'],
      ['harmless', 'inferior'],
      ['unread', 'inconclusive'],
      ['near', 'equivalent'],
      ['leaps', 'equivalent'],
    ]);
  });

  it('says why what is inconclusive is so, and what was shown not to hold', () => {
    for (const said of [
      'neither a difference nor that it is smaller than what is of interest is shown',
      'zero variance: all 2 differences are 0',
      'by its failure rule, since of seed',
      'Negative result: leaps was registered as superior and is shown to be equivalent',
      'Negative result: harmless was registered as superior and is shown to be inferior',
      '1 run began on the same general text before the registration, and whoever registered may have seen it: before.',
      'Amended to version 2 in question: two seeds are few, and that is to be said.',
      'Underpowered, as its question says: 2 seeds of the 16',
      'models of 16 k parameters, bytes',
      'Each interval is at 70% by itself, and outcomes are corrected over the family',
      '| 70% interval |',
      'for superiority, two-sided, a mean of',
      'A frozen arm proposes no change',
    ])
      expect(report.files.markdown).toContain(said);
  });

  it('names the record behind every figure that it draws and every conclusion', async () => {
    const positions = new Map<string, number>();
    for await (const { position, record } of log.readAll())
      positions.set(`${record.stream} ${record.revision}`, position);
    const cites = report.report.blocks.flatMap((block) => {
      if (block.kind === 'said') return block.sentences.flatMap((one) => one.cites);
      if (block.kind === 'table') return block.table.rows.flatMap((row) => row.cites);
      return block.kind === 'figure' ? block.figure.table.rows.flatMap((row) => row.cites) : [];
    });
    expect(cites.length).toBeGreaterThan(100);
    for (const { stream, revision, position } of cites) expect(positions.get(`${stream} ${revision}`)).toBe(position);
    const figures = report.report.blocks.flatMap((block) => (block.kind === 'figure' ? block.figure : []));
    expect(figures.map(({ name }) => name)).toEqual([
      'hypotheses',
      'curve-capability',
      'curve-general-bits-per-byte',
      'pareto',
      'dose-response',
      'allocation',
    ]);
    for (const { table } of figures) expect(table.rows.filter(({ cites: each }) => each.length === 0)).toEqual([]);
  });

  it('is one file without a script that asks nobody, and takes words as words', () => {
    const { html, figures } = report.files;
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|javascript:|\son\w+=/i);
    expect(html.match(/https?:\/\/[^"'<\s]+/g)?.filter((address) => address !== 'http://www.w3.org/2000/svg')).toEqual(
      [],
    );
    expect(html).toContain('The &lt;treated&gt; arm gains &amp; keeps.');
    for (const { svg } of figures) expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(html).not.toMatch(/NaN|undefined/);
  });

  it('says that nothing is concluded before the first look, and still has all hypotheses', async () => {
    let opened = 0;
    for await (const { position } of log.readAll({ types: ['ExperimentLookOpened'] })) opened = position;
    const { files } = await made(log, opened);
    for (const hypothesis of HYPOTHESES) expect(files.markdown).toContain(`### ${hypothesis}: `);
    expect(files.markdown).toContain('Of 6 registered hypotheses none is concluded yet.');
    let registered = 0;
    for await (const { position } of log.readAll({ types: ['RegistrationAmended'] })) registered = position;
    expect((await made(log, registered + 1)).files.markdown).toContain(
      'drug-plain-1 (arm plain, seed 2118715988) has not begun.',
    );
    expect(await reportOf(log, 'drug', 10)).toBeUndefined();
  });
});

describe('a run that was cut short', () => {
  it('is counted, and the curves and the results say that they go on without it', async () => {
    const last = records.findIndex(({ stream, type }) => stream === 'run-drug-harsh-2' && type === 'LookOpened');
    const cut = await logOf((record) => {
      const place = records.indexOf(record);
      if (record.stream === 'run-drug-harsh-2' && place === last)
        return { type: 'RunHalted', version: 1, data: { reason: 'a power cut', requester: 'ada' } };
      const gone = record.stream === 'run-drug-harsh-2' && place > last;
      return gone || (record.stream === 'experiment-drug' && !/Regist/.test(record.type)) ? undefined : {};
    });
    const { files } = await made(cut);
    for (const said of [
      '5 of 6 planned runs completed.',
      'drug-harsh-2 was halted: a power cut.',
      '1 run of this arm without a complete report is not in it.',
      'harsh, cycle 2[^',
      '| 2 | 4 | 4 | 0 | 4 | 0 | 0 | 0 | 1 |',
    ])
      expect(files.markdown).toContain(said);
  });
});

describe('a published report', () => {
  const found = async (of: Log, makesReports?: typeof reportOf): Promise<readonly string[]> =>
    (await checkApprovals(of, makesReports)).unlawful.map(({ type, because }) => `${type}: ${because}`);

  it('is made again and compared', async () => {
    const own = await logOf();
    await publish(own, report.published);
    await publish(own, report.published);
    expect(await found(own, reportOf)).toEqual([]);
    const reports = [];
    for await (const { record } of own.readAll({ types: ['ReportPublished'] })) reports.push(record);
    expect(reports).toHaveLength(1);
  });

  it('is found out where it is of other bytes, and left alone where another format made it', async () => {
    const forged = await logOf();
    await publish(forged, { ...report.published, html: '0'.repeat(64) });
    expect(await found(forged, reportOf)).toEqual(['ReportPublished: the rules write it otherwise']);
    expect(await found(forged)).toEqual([]);
    const old = await logOf();
    await publish(old, { ...report.published, format: 'report/0', html: '0'.repeat(64) });
    expect(await found(old, reportOf)).toEqual([]);
  });

  it('is refused before the first look', async () => {
    const early = await logOf(({ stream, type }) =>
      stream === 'experiment-drug' && !/Regist/.test(type) ? undefined : {},
    );
    await expect(publish(early, report.published)).rejects.toThrow(Refused);
  });
});
