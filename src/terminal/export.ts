import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import { BUILD } from '#doors/actors.js';
import { ARTIFACTS, FILES, type Scope, type WhichArtifacts } from '#export/domain/manifest.js';
import { ExportFolder } from '#export/export-folder.js';
import { writeExport, type Source, type Written } from '#export/write-export.js';
import { sha256 } from '#ledger/digest.js';
import { BadInput } from './failures.js';
import { grouped, typed } from './format.js';
import { placed, published } from './published-log.js';
import { inNewFolder } from './new-folder.js';
import { whole, type Session } from './session.js';

const VERIFIER = fileURLToPath(new URL('../../build/verifier/verify.mjs', import.meta.url));

type Options = Readonly<{ to: string; run?: string; from?: number; through?: number; artifacts?: WhichArtifacts }>;

/** @throws BadInput */
const scopeOf = ({ run, from, through, artifacts }: Options): Scope => {
  if (from === undefined && through === undefined) return run === undefined ? { kind: 'log' } : { kind: 'run', run };
  if (run !== undefined) throw new BadInput('--run, --from and --through: a run or a stretch of the log, not both');
  if (from === undefined || through === undefined || from > through)
    throw new BadInput('--from and --through: both are needed, the first position and the last, not before it');
  if (artifacts === 'judged')
    throw new BadInput('--artifacts judged: a stretch of the log is not judged again; there are all and none');
  return { kind: 'range', from, through };
};

const readVerifier = (): Promise<Buffer> =>
  readFile(VERIFIER).catch(() => {
    throw new BadInput(`${VERIFIER}: is not built; run npm run build`);
  });

const what = (scope: Scope, { records, checkpoint }: Written): string => {
  const { size } = checkpoint;
  if (scope.kind === 'log') return `the whole log up to checkpoint ${grouped(size)}`;
  const part = scope.kind === 'run' ? `run ${scope.run} and what it stands on` : `${scope.from} to ${scope.through}`;
  return `${grouped(records)} of the ${grouped(size)} records at the checkpoint: ${part}`;
};

const sayWritten = (session: Session, to: string, scope: Scope, which: WhichArtifacts, written: Written): void => {
  const { screen } = session;
  const { artifacts, artifactBytes, lacking, doubts } = written;
  screen.paragraph(`${what(scope, written)}, with proofs.`, `Wrote ${to}: `);
  screen.say(`  artifacts  ${grouped(artifacts)} (${which}), ${(artifactBytes / 1e6).toFixed(1)} MB`);
  for (const name of lacking) screen.paragraph(`artifact ${name} is missing or damaged here`, '  ✗ ', 'bad');
  if (doubts > 0)
    screen.paragraph(`${doubts} things come out otherwise when judged again, which the export shows`, '  ✗ ', 'bad');
  const verifier = typed(join(to, FILES.verifier));
  screen.say(
    `  ${screen.tint('dim', '# whoever has Node.js checks it anywhere, by this one file')}`,
    `  node ${verifier}`,
  );
};

const exportLog = async (session: Session, options: Options): Promise<void> => {
  const { to } = options;
  const scope = scopeOf(options);
  const which = options.artifacts ?? (scope.kind === 'range' ? 'none' : 'judged');
  const verifier = await readVerifier();
  const tiles = await published(session);
  const written = await inNewFolder(session, { to, option: '--to' }, (folder, onProgress) =>
    session.read(({ log, artifacts, ports }) => {
      const source: Source = { log, tiles, artifacts, weights: ports.weights, verifier, build: BUILD };
      const wanted = { scope, artifacts: which };
      return placed(session, writeExport(source, wanted, new ExportFolder(folder), onProgress));
    }),
  );
  if (!written) return;
  sayWritten(session, to, scope, which, written);
  const { checkpoint, doubts, lacking, ...counts } = written;
  if (doubts > 0 || lacking.length > 0) session.failCheck();
  session.screen.document({
    folder: to,
    scope,
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: Buffer.from(checkpoint.root).toString('hex'),
    ...counts,
    which,
    lacking,
    doubts,
    verifier: sha256(verifier),
  });
};

const position = whole(1, Number.MAX_SAFE_INTEGER);

export const registerExport = (program: Command, session: Session): void => {
  program
    .command('export')
    .description('write the log as a folder that anybody can check with plain Node.js')
    .requiredOption('--to <folder>', 'a folder that is new or empty')
    .option('--run <name>', 'only this run and what its verdicts stand on')
    .option('--from <position>', 'only the records from here', position)
    .option('--through <position>', '… to here', position)
    .addOption(
      new Option(
        '--artifacts <which>',
        'judged: what judging every verdict again needs (default); none: only hashes',
      ).choices([...ARTIFACTS]),
    )
    .action((options: Options) => exportLog(session, options));
};
