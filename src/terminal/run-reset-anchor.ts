import type { Command } from 'commander';
import type { Signed } from '#key/domain/signing.js';
import { resetStatement } from '#run/domain/lineage.js';
import { Refused } from '#ledger/decider.js';
import { findRun } from '#run/find-run.js';
import { figure } from './reasons.js';
import type { Session } from './session.js';
import { handedIn, signaturesFor, withSigning, type SigningOptions } from './signatures.js';

type Reset = SigningOptions & Readonly<{ reason: string }>;
type WasReset = Readonly<{ anchor: string; root: string; judged: number; alphaSpent: number }>;

const send = async (
  session: Session,
  run: string,
  reason: string,
  signatures: readonly Signed[],
): Promise<WasReset> => {
  const service = await session.service();
  if (service) {
    const body = { reason, signatures: handedIn(signatures) };
    return session.command<WasReset>(service, `/v1/runs/${encodeURIComponent(run)}/anchor-reset`, body);
  }
  return session.write(async (app) => {
    const { ResetAnchor } = await import('#loop/reset-anchor.js');
    return app.send(new ResetAnchor(run, reason, signatures, { requester: session.surroundings.requester }));
  });
};

const reset = async (session: Session, name: string, { reason, ...options }: Reset): Promise<void> => {
  const signatures = await session.read(async ({ log }) => {
    const { run } = await findRun(log, name);
    if (!run.champion) throw new Refused(`run ${name} has no champion to begin a lineage from`);
    const statement = resetStatement({ run: name, anchor: run.champion, root: run.lineage.root, reason });
    return signaturesFor(session, log, statement, options);
  });
  if (!signatures) return;
  const { anchor, root, judged, alphaSpent } = await send(session, name, reason, signatures);
  const signers = signatures.map((one) => one.name);
  const { screen } = session;
  screen.say(`The anchor of run ${name} is reset, signed by ${signers.join(', ')}.`);
  screen.paragraph(
    `Left: the lineage of ${root}, with ${judged} judged and ${figure(alphaSpent)} of alpha spent. A run that says "parent: ${name}" starts a lineage of its own, with the anchor`,
  );
  screen.say(`  ${anchor}`);
  screen.document({ run: name, anchor, root, judged, alphaSpent, signers });
};

export const registerRunResetAnchor = (run: Command, session: Session): void => {
  withSigning(
    run
      .command('reset-anchor')
      .argument('<run>', 'a completed run, whose champion becomes a root anchor')
      .description('let a lineage start anew from its champion, with alpha anew; signed by people')
      .requiredOption('--reason <text>', 'why; kept in the log and part of what is signed'),
  ).action((name: string, options: Reset) => reset(session, name, options));
};
