import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NoteInvalid } from '#ledger/note.js';
import { checkExport, NoExport, type CheckOptions } from './check-export.js';
import { ExportFiles } from './export-files.js';
import { parseKeys } from './keys.js';
import { reportLines } from './report-lines.js';

const USAGE = `node verify.mjs [FOLDER] [--key FILE] [--checkpoint FILE] [--json]

Checks an export of prometheus-ledger: every byte, the signature, every proof, every artifact and every verdict.
  FOLDER             the export (default: where this file is)
  --key FILE         public key of the log that you had another way, instead of the one in the export
  --checkpoint FILE  a checkpoint of the log that you kept from earlier: the export must begin as it says
  --json             one JSON document
Exit codes: 0 all is as it was written, 1 something is not, 2 usage.`;

class Usage extends Error {}

const read = (option: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Usage(`${option} ${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
};

const typed = () => {
  const options = {
    key: { type: 'string' },
    checkpoint: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new Usage((error as Error).message);
  }
};

const keysOf = (path: string): ReturnType<typeof parseKeys> => {
  try {
    return parseKeys(read('--key', path));
  } catch (error) {
    if (!(error instanceof NoteInvalid)) throw error;
    throw new Usage(`--key ${error.message}`);
  }
};

const verify = async (): Promise<number> => {
  const { values, positionals } = typed();
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (positionals.length > 1) throw new Usage(`one folder at a time, not ${positionals.join(', ')}`);
  const options: CheckOptions = {
    ...(values.key !== undefined && { keys: keysOf(values.key) }),
    ...(values.checkpoint !== undefined && { older: read('--checkpoint', values.checkpoint) }),
  };
  const folder = positionals[0] ?? dirname(fileURLToPath(import.meta.url));
  const { report } = await checkExport(new ExportFiles(folder), options);
  process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : reportLines(report).join('\n')}\n`);
  return report.ok ? 0 : 1;
};

try {
  process.exitCode = await verify();
} catch (error) {
  const { message, syscall } = error as NodeJS.ErrnoException;
  if (!(error instanceof Usage) && !(error instanceof NoExport) && syscall === undefined) throw error;
  process.stderr.write(`verify.mjs: ${message}\n${error instanceof Usage ? `${USAGE}\n` : ''}`);
  process.exitCode = 2;
}
