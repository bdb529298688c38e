import { InvalidArgumentError, type Command } from 'commander';
import type { Erased } from '#audit/erase-artifact.js';
import { grouped, short } from './format.js';
import type { Session } from './session.js';

const sha256 = (text: string): string => {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('64 lower-case hex digits are needed.');
  return text;
};

const erase = async (session: Session, artifact: string, { reason }: Readonly<{ reason: string }>): Promise<void> => {
  const service = await session.service();
  const erased = service
    ? await session.command<Erased>(service, `/v1/artifacts/${artifact}/erasure`, { reason })
    : await session.write(async (app) => {
        const { EraseArtifact } = await import('#audit/erase-artifact.js');
        return app.send(new EraseArtifact(artifact, reason, { requester: session.surroundings.requester }));
      });
  const { screen } = session;
  const bytes = erased.bytes === null ? 'its bytes, damaged already,' : `its ${grouped(erased.bytes)} bytes`;
  screen.say(`Erased ${short(artifact)}…: ${bytes} are gone for good.`);
  screen.paragraph(
    'The log keeps its name, and who decided it and why. What depends on it cannot be recomputed any more.',
  );
  screen.document(erased);
};

export const registerArtifact = (program: Command, session: Session): void => {
  program
    .command('artifact')
    .description('large bytes that records name by their SHA-256')
    .command('erase')
    .argument('<sha>', 'its SHA-256', sha256)
    .description('end its bytes for good, as a decision in the log; refused while a run needs it')
    .requiredOption('--reason <text>', 'why; kept in the log and told to whoever asks for it')
    .action((artifact: string, options: { reason: string }) => erase(session, artifact, options));
};
