import type { Command } from 'commander';
import type { Amended } from '#constitution/amend-constitution.js';
import { amendmentStatement, constitutionStream } from '#constitution/domain/constitution.js';
import type { Enacted } from '#constitution/enact-constitution.js';
import type { Signed } from '#key/domain/signing.js';
import { Refused } from '#ledger/decider.js';
import { ed25519 } from '#ledger/ed25519.js';
import { fold } from '#ledger/ledger.js';
import { checkedDocument, documentOf } from './constitution-file.js';
import { sayChanges } from './constitution-read.js';
import type { Session } from './session.js';
import { handedIn, signaturesFor, withSigning, type SigningOptions } from './signatures.js';

type Amendment = SigningOptions & Readonly<{ reason: string }>;

const send = async (
  session: Session,
  name: string,
  { document, reason, signatures }: Readonly<{ document: object; reason: string; signatures: readonly Signed[] }>,
): Promise<Amended> => {
  const service = await session.service();
  if (service) {
    const body = { document, reason, signatures: handedIn(signatures) };
    return session.command<Amended>(service, `/v1/constitutions/${encodeURIComponent(name)}/amendments`, body);
  }
  return session.write(async (app) => {
    const { AmendConstitution } = await import('#constitution/amend-constitution.js');
    const { requester } = session.surroundings;
    return app.send(new AmendConstitution(document, reason, signatures, { requester }));
  });
};

const amend = async (session: Session, file: string, { reason, ...options }: Amendment): Promise<void> => {
  const document = checkedDocument(await documentOf(file));
  const signatures = await session.read(async ({ log }) => {
    const { state } = await fold(log, constitutionStream, document.name);
    if (state.versions.length === 0)
      throw new Refused(
        `constitution "${document.name}" is not enacted, so there is nothing to amend; \`constitution list\` shows those that are`,
      );
    return signaturesFor(session, log, amendmentStatement(state, { document, reason }, ed25519.digest), options);
  });
  if (!signatures) return;
  const amended = await send(session, document.name, { document, reason, signatures });
  const { screen } = session;
  screen.say(
    `Constitution ${amended.constitution} is now at version ${amended.version}, signed by ${amended.signers.join(', ')}:`,
  );
  sayChanges(screen, amended.changes);
  screen.paragraph('Runs that began under an earlier version are judged by it to their end.');
  screen.document(amended);
};

const enact = async (session: Session, file: string): Promise<void> => {
  const document = checkedDocument(await documentOf(file));
  const service = await session.service();
  const enacted = service
    ? await session.command<Enacted>(service, '/v1/constitutions', document)
    : await session.write(async (app) => {
        const { EnactConstitution } = await import('#constitution/enact-constitution.js');
        return app.send(new EnactConstitution(document, { requester: session.surroundings.requester }));
      });
  session.screen.say(`Constitution ${enacted.constitution} is in force, at version ${enacted.version}.`);
  session.screen.document(enacted);
};

export const registerConstitutionAmend = (constitution: Command, session: Session): void => {
  constitution
    .command('enact')
    .argument('<file>', 'the document under a new name, or a run file that holds it')
    .description('put a constitution in force under a new name; the first run that names it would do the same')
    .action((file: string) => enact(session, file));
  withSigning(
    constitution
      .command('amend')
      .argument('<file>', 'the whole new document under its name, or a run file that holds it')
      .description('put a new version of an enacted constitution in force for runs to come, signed by people')
      .requiredOption('--reason <text>', 'why; kept in the log and part of what is signed'),
  ).action((file: string, amendment: Amendment) => amend(session, file, amendment));
};
