import type { Command } from 'commander';
import { publishedCheckpoint } from '#audit/proving.js';
import { checkExport } from '#export/check-export.js';
import type { Shown } from '#export/domain/report.js';
import { ExportFiles } from '#export/export-files.js';
import { reportLines } from '#export/report-lines.js';
import { takeExport } from '#export/take-export.js';
import { Refused } from '#ledger/decider.js';
import { dataFolder } from '#store/data-folder.js';
import { TileFolder } from '#store/tile-folder.js';
import { grouped } from './format.js';
import { inNewFolder, requireEmpty } from './new-folder.js';
import type { Session } from './session.js';

/** A part of a log would be another log: its records would get other places. */
const requireWhole = (folder: string, { scope }: Shown): void => {
  if (scope.kind === 'log') return;
  const part = scope.kind === 'run' ? `run ${scope.run}` : `the records ${scope.from} to ${scope.through}`;
  throw new Refused(`${folder}: holds ${part} only; a log is made from an export of the whole log`);
};

/** The root that the new log was signed with. */
const rootIn = async (data: string): Promise<string> => {
  const { checkpoint } = await publishedCheckpoint(new TileFolder(dataFolder(data).tlog));
  return Buffer.from(checkpoint.root).toString('hex');
};

const importLog = async (session: Session, folder: string): Promise<void> => {
  session.requireFolder();
  const { screen, data } = session;
  await requireEmpty(data, '--data');
  const files = new ExportFiles(folder);
  const { report, lines } = await checkExport(files, { onProgress: (what) => screen.progress.working(what) });
  const { ok, shown } = report;
  if (!ok || !shown) {
    screen.say(...reportLines(report), `Nothing was written to ${data}.`);
    screen.document(report);
    return session.failCheck();
  }
  requireWhole(folder, shown);
  const artifacts = await inNewFolder(session, { to: data, option: '--data' }, async (unfinished, onProgress) => {
    const taken = await session.write((app) => takeExport(app, files, lines, onProgress), unfinished);
    const root = await rootIn(unfinished);
    if (root !== shown.root) throw new RangeError(`the new log has root ${root}, the export ${shown.root}`);
    return taken;
  });
  if (artifacts === undefined) return;
  const { size, root, artifacts: held } = shown;
  screen.say(`Made ${data} from ${folder}: ${grouped(size)} records, ${grouped(artifacts)} artifacts.`);
  screen.say(`  root       ${root}, as in the export; signed from now on with a key of its own`);
  if (held.which !== 'all')
    screen.paragraph(
      'were not exported: `verify` names those that are missing, and what was trained cannot be trained again',
      `  artifacts  ${held.which === 'none' ? 'all' : 'some'} `,
    );
  screen.document({ data, size, root, artifacts, which: held.which });
};

export const registerImport = (program: Command, session: Session): void => {
  program
    .command('import')
    .argument('<folder>', 'an export of a whole log, which is checked first')
    .description('make a new data folder from an export; exit 1 when the export is not as it was written')
    .action((folder: string) => importLog(session, folder));
};
