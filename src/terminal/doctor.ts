import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { serviceOn } from './service-client.js';
import type { Session } from './session.js';

type Facts = Readonly<{ ok: boolean }>;
type Doctor = Readonly<{ examine(root?: string): Promise<Facts>; render(facts: Facts): string }>;

/** Plain Node outside the build, so that it also answers where nothing is installed. */
const DOCTOR = new URL('../../tools/doctor.mjs', import.meta.url);

export const registerDoctor = (program: Command, session: Session): void => {
  program
    .command('doctor')
    .description('what this machine and this checkout have, and what is missing')
    .action(async () => {
      const { examine, render } = (await import(fileURLToPath(DOCTOR))) as Doctor;
      const facts = await examine();
      const { screen, data } = session;
      screen.say(render(facts).trimEnd());
      const url = (await serviceOn(data))?.url ?? null;
      screen.say('', url === null ? `No service runs on ${data}.` : `A service runs on ${data}, at ${url}.`);
      if (!facts.ok) session.failCheck();
      screen.document({ ...facts, service: { data, url } });
    });
};
