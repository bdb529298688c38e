import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findExperiment } from '#experiment/known-experiments.js';
import { sha256 } from '#ledger/digest.js';
import type { ReportFiles } from '#report/make-report.js';
import type { MadeReport } from '#report/report-of.js';
import type { Application } from './application.js';
import { BadInput } from './failures.js';
import type { Session } from './session.js';

type Options = Readonly<{ to: string; publish?: boolean }>;
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

/** A report is the same from the same log, so one may be written again; what is something else is left alone. @throws BadInput */
const requireOwn = async (to: string, id: string): Promise<void> => {
  const there = await readdir(to).catch((): string[] => []);
  if (there.length > 0 && !there.includes(`${id}.html`))
    throw new BadInput(`--to ${to}: holds something else than a report of ${id}; name a new or empty folder`);
};

/** @throws Refused where it is not registered */
const made = async ({ log }: Application, id: string): Promise<MadeReport> => {
  await findExperiment(log, id);
  const { reportOf } = await import('#report/report-of.js');
  const report = await reportOf(log, id);
  if (!report) throw new RangeError(`experiment ${id}: it is known and has no record`);
  return report;
};

/** In the log too. @throws Refused before its first look */
const published = async (session: Session, app: Application, id: string): Promise<MadeReport> => {
  const { PublishReport } = await import('#report/publish-report.js');
  const { requester } = session.surroundings;
  return app.send(new PublishReport(id, { requester }));
};

const said = (session: Session, to: string, files: readonly File[]): void => {
  const { screen } = session;
  screen.say(`Wrote ${to}, ${files.length} files, with their SHA-256; the .html needs none of the others:`);
  for (const { name, content } of files) screen.say(`  ${sha256(content)}  ${name}`);
};

const report = async (session: Session, id: string, { to, publish = false }: Options): Promise<void> => {
  if (publish) session.requireFolder();
  await requireOwn(to, id);
  const first = await session.read((app) => made(app, id));
  // The folder is opened to write only once it is known what is in it, which would make one.
  const one = publish ? await session.write((app) => published(session, app, id)) : first;
  const files = filesOf(id, one.files);
  await write(to, files);
  said(session, to, files);
  if (publish) session.screen.say('Their hashes are in the log, and `verify` makes them again.');
  const hashes = files.map(({ name, content }) => ({ name, sha256: sha256(content) }));
  session.screen.document({ experiment: id, to, published: publish, asOf: one.report.asOf, files: hashes });
};

export const registerExperimentReport = (experiment: Command, session: Session): void => {
  experiment
    .command('report')
    .argument('<id>', 'name of the experiment')
    .description(
      'everything that the log says of it, with figures: one HTML file, and Markdown; the same log, the same bytes',
    )
    .requiredOption('--to <folder>', 'where to write it; a report of the same experiment there is written again')
    .option('--publish', 'record the hashes in the log too, so that `verify` makes it again and compares')
    .action((id: string, options: Options) => report(session, id, options));
};
