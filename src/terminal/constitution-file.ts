import { existsSync } from 'node:fs';
import { constitutionInputSchema, type Constitution } from '#constitution/domain/document.js';
import { findVersion } from '#constitution/known-constitutions.js';
import { explainIssue } from '#doors/explain-issue.js';
import { Refused } from '#ledger/decider.js';
import { BadInput } from './failures.js';
import { readFields } from './run-file.js';
import type { Session } from './session.js';

/** A constitution alone, or the one that a run file holds. @throws Refused for a run file without one */
export const documentOf = async (file: string): Promise<unknown> => {
  const fields = await readFields(file);
  if (!('run' in fields)) return fields;
  if (fields['constitution'] !== undefined) return fields['constitution'];
  throw new Refused(`${file}: this run file has no constitution of its own; write one, under its name`);
};

/** @throws BadInput naming field, value and what is allowed */
export const checkedDocument = (document: unknown): Constitution => {
  const parsed = constitutionInputSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new BadInput(explainIssue(parsed.error.issues[0], document, constitutionInputSchema));
};

const VERSION = /^([a-z0-9][a-z0-9.-]{0,62})(?:@([1-9]\d{0,5}))?$/;

/** A document under the words that name it: "strict.yaml", or "default v2". */
export type Named = Readonly<{ what: string; document: Constitution }>;

/** What ID or ID@VERSION names in the log: the latest version, or that one. @throws BadInput, Refused */
export const enactedNamed = (session: Session, text: string): Promise<Named> => {
  const [, id, version] = VERSION.exec(text) ?? [];
  if (id === undefined)
    throw new BadInput(`${text}: a constitution is named as default or default@2, its latest version or a certain one`);
  return session.read(async ({ log }) => {
    const found = await findVersion(log, id, version === undefined ? undefined : Number(version));
    return { what: `${id} v${found.version}`, document: found.document };
  });
};

/** A file where there is one of that name, else a version in the log. @throws BadInput, Refused */
export const namedConstitution = async (session: Session, text: string): Promise<Named> => {
  if (existsSync(text)) return { what: text, document: checkedDocument(await documentOf(text)) };
  if (!VERSION.test(text)) throw new BadInput(`${text}: there is no such file, and no constitution is named so`);
  return enactedNamed(session, text);
};
