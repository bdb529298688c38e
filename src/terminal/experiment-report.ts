import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findExperiment } from '#experiment/known-experiments.js';
import { sha256 } from '#ledger/digest.js';
import type { ReportFiles } from '#report/make-report.js';
import type { Application } from './application.js';
import { grouped } from './format.js';
import type { Session } from './session.js';

type Options = Readonly<{ to?: string; publish?: boolean }>;
type File = Readonly<{ name: string; content: string }>;

const filesOf = (id: string, { html, markdown, figures }: ReportFiles): readonly File[] => [
  { name: `${id}.html`, content: html },
  { name: `${id}.md`, content: markdown },
  ...figures.map(({ name, svg }) => ({ name: `${name}.svg`, content: svg })),
];

const write = async (to: string, files: readonly File[]): Promise<void> => {
  await mkdir(to, { recursive: true });
  for (const { name, content } of files) await writeFile(join(to, name), content);
};

/** @throws Refused where it is not registered */
const made = async ({ log }: Application, id: string): Promise<readonly File[]> => {
  await findExperiment(log, id);
  const { readTold } = await import('#report/read-told.js');
  const { makeReport, writeReport } = await import('#report/make-report.js');
  const told = await readTold(log, id);
  if (!told) throw new RangeError(`experiment ${id}: it is known and has no record`);
  return filesOf(id, writeReport(makeReport(told)));
};

const said = (session: Session, to: string, files: readonly File[]): void => {
  const { screen } = session;
  screen.say(`Wrote ${to}, ${files.length} files; the .html needs none of the others:`);
  screen.table({
    head: ['file', 'bytes', 'SHA-256'],
    rows: files.map(({ name, content }) => [name, grouped(Buffer.byteLength(content)), sha256(content)]),
    flexible: 0,
    right: [1],
  });
};

const report = async (
  session: Session,
  id: string,
  { to = `report-${id}`, publish = false }: Options,
): Promise<void> => {
  if (publish) session.requireFolder();
  const files = await session.read((app) => made(app, id));
  await write(to, files);
  said(session, to, files);
  session.screen.document({
    experiment: id,
    to,
    files: files.map(({ name, content }) => ({ name, sha256: sha256(content) })),
  });
};

export const registerExperimentReport = (experiment: Command, session: Session): void => {
  experiment
    .command('report')
    .argument('<id>', 'name of the experiment')
    .description(
      'everything that the log says of it, with figures: one HTML file, and Markdown; the same log, the same bytes',
    )
    .option('--to <folder>', 'where to write it (default: report-ID)')
    .option('--publish', 'record the hashes in the log too, so that `verify` makes it again and compares')
    .action((id: string, options: Options) => report(session, id, options));
};
