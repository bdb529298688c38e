import type { Command } from 'commander';
import type { Rotated } from '#audit/rotate-log-key.js';
import type { Session } from './session.js';

type Options = Readonly<{ reason: string }>;

const rotate = async (session: Session, { reason }: Options): Promise<void> => {
  const service = await session.service();
  const rotated = service
    ? await session.command<Rotated>(service, '/v1/log/key-rotations', { reason })
    : await session.write(async (app) => {
        const { RotateLogKey } = await import('#audit/rotate-log-key.js');
        return app.send(new RotateLogKey(reason, { requester: session.surroundings.requester }));
      });
  const { screen } = session;
  screen.say(`${rotated.origin} has another key:`, `  ${rotated.newKey}`, 'in place of', `  ${rotated.oldKey}`);
  screen.paragraph(
    'The old key has signed the hand-over, and with the new one the first checkpoint after it. Give the new public key to whoever keeps the old one.',
  );
  screen.document(rotated);
};

export const registerRotation = (log: Command, session: Session): void => {
  log
    .command('rotate-key')
    .description('give the log another signing key; the old one signs the hand-over and is gone')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .action((options: Options) => rotate(session, options));
};
