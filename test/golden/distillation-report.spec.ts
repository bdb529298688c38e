import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Record } from '#ledger/record.js';
import { reportOf, type MadeReport } from '#report/report-of.js';
import { logFrom, recordsOf, REPORTS } from './recorded.js';

/** An experiment of two distillations as it was recorded, and what its report came to; see report.spec.ts. */
const records = recordsOf('lesson.jsonl.gz');

const made = async (change?: (record: Record) => Partial<Record> | undefined): Promise<MadeReport> => {
  const report = await reportOf(await logFrom(records, change), 'lesson');
  if (!report) throw new RangeError('lesson: not registered');
  return report;
};

let report: MadeReport;
beforeAll(async () => {
  report = await made();
});

it('has the bytes that it had when the format was new', () => {
  const path = join(REPORTS, `lesson-${report.published.format.replace('/', '-')}.json`);
  if (process.env['GOLDEN'] === 'write' && !existsSync(path))
    writeFileSync(path, `${JSON.stringify(report.published, null, 2)}\n`);
  expect(report.published).toEqual(JSON.parse(readFileSync(path, 'utf8')));
});

describe('the report of distillations', () => {
  const partOf = (from: string, to: string): string => {
    const { markdown } = report.files;
    return markdown.slice(markdown.indexOf(`## ${from}`), markdown.indexOf(`## ${to}`));
  };

  it('tells transfer and alignment apart', () => {
    const transfer = partOf('What students can do', 'How hidden states are aligned');
    expect(transfer).toContain('| 2, teacher[');
    for (const arm of ['none', 'hidden', 'shuffled']) expect(transfer).toContain(`| 1, ${arm}[`);
    expect(transfer).not.toMatch(/R²|CKA/);
    const alignment = partOf('How hidden states are aligned', 'What was registered');
    expect(alignment).toContain('it is no sign of what a student can do');
    expect(alignment).not.toMatch(/Exact|Bits per byte/);
  });

  it('says where a teacher has nothing to teach, and what no figure decides', () => {
    for (const said of [
      'there it had nothing to teach',
      'zero variance: all 2 differences are 0',
      '2 of 2 planned distillations completed.',
    ])
      expect(report.files.markdown).toContain(said);
    expect(report.files.html).toContain('The &lt;taught&gt; know &amp; can more.');
    expect(report.files.html).not.toMatch(/NaN|undefined|<script/);
  });

  it('shows what is not at its end, and counts it as such', async () => {
    const later = records.filter(({ stream }) => stream === 'distillation-lesson-2').slice(5);
    const { files } = await made((record) =>
      later.includes(record) || /Look|Hypothesis/.test(record.type) ? undefined : {},
    );
    expect(files.markdown).toContain('1 of 2 planned distillations completed.');
    expect(files.markdown).toContain('lesson-2 (seed');
    expect(files.markdown).toContain('is not at its end: not every student was examined.');
    expect(files.markdown).toContain('Of 5 registered hypotheses none is concluded yet.');
  });
});
