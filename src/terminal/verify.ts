import type { Command } from 'commander';
import { inspectedByCrew } from '#audit/crew.js';
import type { Entries } from '#audit/domain/entry.js';
import type { Verdicts, Verification, Verified } from '#audit/domain/finding.js';
import { NotSigned } from '#audit/proving.js';
import { rejudgeAll } from '#audit/rejudge-all.js';
import { makesReports } from '#report/made-again.js';
import { verifyAll, verifyFolder } from '#audit/verify-folder.js';
import { verifyPublished } from '#audit/verify-published.js';
import { auditedFolder, auditedService } from '#audited-folder.js';
import { allEvents } from '#event-catalogue.js';
import { BadInput, describeFailure } from './failures.js';
import { logAt } from './published-log.js';
import type { Screen } from './screen.js';
import { whole, type Session } from './session.js';
import { judging, sayHeld, sayPublished, sayVerified, tell } from './verified-words.js';
import { verifyIncrementally } from './verify-incremental.js';
import { keptOf, sha256Root, type Kept, type KeptTyped } from './verify-options.js';

/** The records of a data folder alone. */
export const verifyFolderTold = (data: string, screen: Screen): Promise<Verification> =>
  verifyFolder(auditedFolder(data), { onProgress: tell(screen) });

const unjudged = (message: string): Verdicts => ({
  judged: 0,
  agreed: 0,
  disagreements: [],
  unjudged: [{ run: 'every run', message }],
  erased: [],
  approvals: { checked: 0, unlawful: [] },
});

/**
 * The records first, then every verdict from its evidence; a log that does not open leaves every run unjudged.
 * @param data a folder other than what the command is about
 */
export const verifyAllTold = async (session: Session, data?: string, kept?: Kept): Promise<Verified> => {
  const { screen } = session;
  const service = data === undefined ? await session.named() : undefined;
  const audited = service ? auditedService(service) : auditedFolder(data ?? session.data);
  let readThrough = false;
  const entries = async function* (): Entries {
    yield* audited.entries();
    readThrough = true;
  };
  const rejudge = async (): Promise<Verdicts> => {
    // A file that is damaged inside may end the process that opens it.
    if (!readThrough) return unjudged('its log cannot be read to the end');
    return session
      .read(({ ports }) => rejudgeAll(ports, { onRun: judging(screen), makesReports }), data)
      .catch((error: unknown): Verdicts => {
        const { message, fault } = describeFailure(error);
        if (fault || service) throw error;
        return unjudged(message);
      });
  };
  return verifyAll({ ...audited, entries }, rejudge, {
    ...kept,
    threads: session.place.threads,
    onProgress: tell(screen),
  });
};

const record = (session: Session, result: Verified): Promise<void> =>
  session.write(async (app) => {
    const { RecordVerification } = await import('#audit/record-verification.js');
    await app.send(new RecordVerification(result, { requester: session.surroundings.requester }));
    session.screen.say('The result is recorded in the log.');
  });

type Options = KeptTyped & Readonly<{ record?: boolean; log?: string; incremental?: true | string }>;

const verify = async (session: Session, { record: recorded, log, incremental, ...typed }: Options): Promise<void> => {
  const kept = await keptOf(typed);
  if (incremental !== undefined) {
    if (recorded || log !== undefined || kept.expected || kept.kept.length > 0 || kept.key)
      throw new BadInput('--incremental: a verification that goes on from an earlier one takes no other option');
    return verifyIncrementally(session, incremental);
  }
  if (log !== undefined) return verifyLogAt(session, log, kept, recorded);
  if (recorded) await session.requireWriting('--record');
  const verified = await verifyAllTold(session, undefined, kept);
  session.screen.say(`Verified ${session.where}`);
  sayVerified(session.screen, verified);
  if (verified.ok) sayHeld(session.screen, kept);
  if (!verified.ok) session.failCheck();
  if (recorded) await record(session, verified);
  session.screen.document(verified);
};

const verifyLogAt = async (session: Session, log: string, kept: Kept, recorded = false): Promise<void> => {
  if (recorded) throw new BadInput('--record: what a log publishes is only read; leave it out');
  const { screen } = session;
  const { kept: checkpoints, key } = kept;
  if (kept.expected) throw new BadInput('--expect-size: with --log a --checkpoint is needed, which is signed');
  const looking = { events: allEvents, inspection: inspectedByCrew(session.place.threads) };
  const options = { ...looking, kept: checkpoints, ...(key && { key }), onProgress: tell(screen) };
  const verified = await verifyPublished(await logAt(session, log), options).catch((error: unknown) => {
    if (!(error instanceof NotSigned)) throw error;
    throw new BadInput(`--log ${log}: there is no checkpoint; a service publishes its log at its address with /log`);
  });
  screen.say(`Verified ${log}`);
  sayPublished(screen, verified);
  if (verified.ok) sayHeld(screen, kept);
  if (!verified.ok) session.failCheck();
  screen.document(verified);
};

const collect = (file: string, before: readonly string[] = []): readonly string[] => [...before, file];

export const registerVerify = (program: Command, session: Session): void => {
  program
    .command('verify')
    .description('recompute every record, the root, every artifact and every verdict; exit 1 when anything differs')
    .option(
      '--expect-size <n>',
      'records the log must hold at least, from an earlier verification',
      whole(0, Number.MAX_SAFE_INTEGER),
    )
    .option('--expect-root <hex>', 'the root over these records, from an earlier verification', sha256Root)
    .option(
      '--checkpoint <file>',
      'an earlier signed checkpoint, which the log must begin as; with its tiles beside it a changed record is named; may be repeated',
      collect,
    )
    .option('--key <key>', "a public key that the log has or had, or a file with it; the log's own may be forged")
    .option('--log <place>', 'verify from what a log publishes alone: an address such as http://host/log, or a folder')
    .option(
      '--incremental [file]',
      'go on from the last verification that was made so and found nothing; kept in the data folder, or in <file>',
    )
    .option('--record', 'append the result to the log')
    .action((options: Options) => verify(session, options));
};
