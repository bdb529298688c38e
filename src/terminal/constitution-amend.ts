import type { Command } from 'commander';
import { Refused } from '#ledger/decider.js';
import { readFields } from './run-file.js';
import type { Session } from './session.js';

type Amendment = Readonly<{ reason: string; approvedBy: readonly string[] }>;

/** A constitution alone, or the one that a run file holds. @throws Refused for a run file without one */
const documentOf = async (file: string): Promise<unknown> => {
  const fields = await readFields(file);
  if (!('run' in fields)) return fields;
  if (fields['constitution'] !== undefined) return fields['constitution'];
  throw new Refused(`${file}: this run file has no constitution of its own; write one, under the name to be amended`);
};

const amend = async (session: Session, file: string, { reason, approvedBy }: Amendment): Promise<void> => {
  const document = await documentOf(file);
  await session.write(async (app) => {
    const { AmendConstitution } = await import('#constitution/amend-constitution.js');
    const { requester } = session.surroundings;
    const amended = await app.send(new AmendConstitution(document, reason, approvedBy, { requester }));
    const { screen } = session;
    screen.say(`Constitution ${amended.constitution} is now at version ${amended.version}:`);
    for (const { path, before, after } of amended.changes)
      screen.paragraph(`${before ?? 'nothing'} → ${after ?? 'nothing'}`, `  ${path}  `);
    screen.paragraph('Runs that began under an earlier version are judged by it to their end.');
    screen.document(amended);
  });
};

export const registerConstitutionAmend = (constitution: Command, session: Session): void => {
  constitution
    .command('amend')
    .argument('<file>', 'the whole new document under its name, or a run file that holds it')
    .description('put a new version of an enacted constitution in force for runs to come')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .requiredOption('--approved-by <names...>', 'who agreed to it')
    .action((file: string, amendment: Amendment) => amend(session, file, amendment));
};
