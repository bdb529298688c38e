import type { Command } from 'commander';
import { changesBetween, type Change } from '#constitution/domain/constitution.js';
import { explainConstitution } from '#constitution/domain/explain.js';
import { constitutionJsonSchema } from '#constitution/domain/json-schema.js';
import { knownConstitutions } from '#constitution/known-constitutions.js';
import { lintConstitution } from '#constitution/lint-constitution.js';
import { documentOf, enactedNamed, namedConstitution } from './constitution-file.js';
import { day } from './format.js';
import type { Screen } from './screen.js';
import type { Session } from './session.js';

/** One paragraph for each field that differs. */
export const sayChanges = (screen: Screen, changes: readonly Readonly<Change>[]): void => {
  for (const { path, before, after } of changes)
    screen.paragraph(`${before ?? 'nothing'} → ${after ?? 'nothing'}`, `  ${path}  `);
};

const lint = async (session: Session, file: string): Promise<void> => {
  const document = await documentOf(file);
  const { screen } = session;
  screen.progress.working('simulating the gate with its own judge');
  const { problems, warnings } = lintConstitution(document);
  for (const { sentence } of problems) screen.paragraph(sentence, '  ✗ ', 'bad');
  for (const { sentence } of warnings) screen.paragraph(sentence, '  ! ', 'warn');
  const said = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
  screen.say(`${file}: ${said(problems.length, 'problem')}, ${said(warnings.length, 'warning')}.`);
  if (problems.length > 0) session.failCheck();
  screen.document({ file, problems, warnings });
};

const explain = async (session: Session, text: string): Promise<void> => {
  const { what, document } = await namedConstitution(session, text);
  const explained = explainConstitution(document);
  const { screen } = session;
  screen.say(screen.tint('bold', `Constitution ${explained.name} (${what})`));
  screen.title('What every candidate must pass');
  for (const { rule, kind, sentence } of explained.rules) screen.paragraph(`${sentence} (${rule}, ${kind})`, '  ');
  screen.title('What the loop may vary by itself');
  for (const line of explained.scope) screen.paragraph(line, '  ');
  screen.title('What chance of error is spent');
  for (const line of explained.alpha) screen.paragraph(line, '  ');
  screen.title('After a rejection');
  for (const line of explained.rejection) screen.paragraph(line, '  ');
  screen.document(explained);
};

const diff = async (session: Session, one: string, other: string): Promise<void> => {
  const [before, after] = [await namedConstitution(session, one), await namedConstitution(session, other)];
  const changes = changesBetween(before.document, after.document);
  const { screen } = session;
  screen.say(
    changes.length === 0 ? `${before.what} and ${after.what} say the same.` : `${before.what} → ${after.what}:`,
  );
  sayChanges(screen, changes);
  screen.document({ before: before.what, after: after.what, changes });
};

const schema = (session: Session): void => {
  const document = constitutionJsonSchema();
  if (!session.screen.json) session.screen.say(JSON.stringify(document, null, 2));
  session.screen.document(document);
};

const list = (session: Session): Promise<void> =>
  session.read(async ({ log }) => {
    const known = await knownConstitutions(log);
    const { screen } = session;
    if (known.length === 0) screen.say(`No constitution is enacted in ${session.where} yet.`);
    else
      screen.table({
        head: ['constitution', 'version', 'since', 'by', 'signed by', 'reason'],
        rows: known.flatMap(({ constitution, versions }) =>
          versions.map(({ version, since, by, signers, reason }) => [
            constitution,
            String(version),
            day(since),
            by,
            signers.join(', ') || '–',
            reason ?? '–',
          ]),
        ),
        flexible: 5,
        right: [1],
      });
    screen.document(known);
  });

const show = async (session: Session, text: string): Promise<void> => {
  const { document } = await enactedNamed(session, text);
  if (!session.screen.json) session.screen.say(JSON.stringify(document, null, 2));
  session.screen.document(document);
};

export const registerConstitutionRead = (constitution: Command, session: Session): void => {
  const named = 'a file, or default or default@2 of the log';
  constitution
    .command('lint')
    .argument('<file>', 'a constitution, or a run file that holds one')
    .description('every problem of a document at once, and what is likely not meant; exit 1 when there is a problem')
    .action((file: string) => lint(session, file));
  constitution
    .command('explain')
    .argument('<document>', named)
    .description('each rule in one sentence, the scope, and what chance of error is spent')
    .action((text: string) => explain(session, text));
  constitution
    .command('diff')
    .argument('<before>', named)
    .argument('<after>', named)
    .description('what differs between two documents, field by field')
    .action((one: string, other: string) => diff(session, one, other));
  constitution
    .command('schema')
    .description('the JSON Schema of a document')
    .action(() => schema(session));
  constitution
    .command('list')
    .description('every version in force, with who signed it')
    .action(() => list(session));
  constitution
    .command('show')
    .argument('<id>', 'default or default@2')
    .description('the document itself, as the log has it')
    .action((text: string) => show(session, text));
};
