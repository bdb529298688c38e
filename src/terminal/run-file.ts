import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { parseCorpusArgument } from '#corpus/read-corpus.js';
import { isFieldPath, isFields, setField, type Fields } from '#run/domain/run-fields.js';
import type { RunFile } from '#run/domain/run-file.js';
import { parseRunFile } from '#run/parse-run-file.js';
import { BadInput } from './failures.js';

export type { Fields };

const firstLine = (text: string): string => text.split('\n')[0] ?? text;

const parsed = (where: string, text: string): unknown => {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem) throw new BadInput(`${where}: ${firstLine(problem.message).replace(/:$/, '')}`);
  return document.toJS();
};

/** Fields of a run file (YAML, of which JSON is a part). @throws BadInput */
export const readFields = async (path: string): Promise<Fields> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EISDIR')
      throw new BadInput(`${path}: is a folder; a run file is needed, as \`run init\` writes it`);
    throw error;
  });
  const fields = parsed(path, text);
  if (!isFields(fields))
    throw new BadInput(`${path}: fields such as "run: my-run" are needed; \`run init\` writes an example`);
  return fields;
};

/** Sets `a.b.c=value` in the fields, the value read as YAML. */
const set = (fields: Fields, assignment: string): void => {
  const at = assignment.indexOf('=');
  const path = assignment.slice(0, Math.max(0, at));
  if (at < 1 || path.split('.').includes(''))
    throw new BadInput(`--set ${assignment}: write key=value, for instance base.steps=300`);
  if (!isFieldPath(path)) throw new BadInput(`--set ${assignment}: there is no such field`);
  setField(fields, path, parsed(`--set ${assignment}`, assignment.slice(at + 1)));
};

export type Changes = Readonly<{ corpus?: readonly string[]; base?: string; set?: readonly string[] }>;

/**
 * The file with what was said on the command line. A corpus that the file describes gets the new path; of others the
 * first becomes the general text unless the file or --set names one, and the rest further texts.
 */
export const changedFields = (fields: Fields, { corpus = [], base, set: assignments = [] }: Changes): Fields => {
  const result = structuredClone(fields);
  const described = isFields(result['corpora']) ? result['corpora'] : {};
  const added: string[] = [];
  for (const { name, path } of corpus.map(parseCorpusArgument)) {
    if (!(name in described)) added.push(name);
    const before = described[name];
    const own = isFields(before) && !('package' in before) && !('registered' in before);
    described[name] = { ...(own && before), path };
  }
  if (corpus.length > 0) result['corpora'] = described;
  const texts = Array.isArray(result['texts']) ? result['texts'] : [];
  if (added.length > 0) {
    const [first, ...rest] = added;
    result['general'] = first;
    if (rest.length > 0) result['texts'] = [...texts, ...rest];
  }
  if (base !== undefined) result['base'] = { checkpoint: base };
  for (const assignment of assignments) set(result, assignment);
  return result;
};

/** What the fields come to. @throws BadInput naming field, value and what is allowed */
export const checkedRunFile = (fields: Fields): RunFile => parseRunFile(fields, (message) => new BadInput(message));
