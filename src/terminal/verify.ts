import { InvalidArgumentError, type Command } from 'commander';
import type { Head } from '#audit/domain/audit.js';
import type { Entries } from '#audit/domain/entry.js';
import type { Finding, Verdicts, Verification, Verified } from '#audit/domain/finding.js';
import { rejudgeAll } from '#audit/rejudge-all.js';
import { verifyAll, verifyFolder } from '#audit/verify-folder.js';
import type { VerifyProgress } from '#audit/verify-log.js';
import { auditedFolder, auditedService } from '#audited-folder.js';
import { BadInput, describeFailure } from './failures.js';
import { grouped } from './format.js';
import type { Screen } from './screen.js';
import { whole, type Session } from './session.js';

const tell =
  (screen: Screen) =>
  ({ events, artifacts }: VerifyProgress): void =>
    screen.progress.working(`${grouped(events)} records read, ${grouped(artifacts)} artifacts hashed`);

/** The records of a data folder alone. */
export const verifyFolderTold = (data: string, screen: Screen): Promise<Verification> =>
  verifyFolder(auditedFolder(data), { onProgress: tell(screen) });

const unjudged = (message: string): Verdicts => ({
  judged: 0,
  agreed: 0,
  disagreements: [],
  unjudged: [{ run: 'every run', message }],
  approvals: { checked: 0, unlawful: [] },
});

/**
 * The records first, then every verdict from its evidence; a log that does not open leaves every run unjudged.
 * @param data a folder other than what the command is about
 */
export const verifyAllTold = async (session: Session, data?: string, expected?: Head): Promise<Verified> => {
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
      .read(({ ports }) => rejudgeAll(ports, (run) => screen.progress.working(`judging run ${run} again`)), data)
      .catch((error: unknown): Verdicts => {
        const { message, fault } = describeFailure(error);
        if (fault || service) throw error;
        return unjudged(message);
      });
  };
  return verifyAll({ ...audited, entries }, rejudge, { expected, onProgress: tell(screen) });
};

/** "byte change at position 99: …" */
export const inWords = ({ kind, position, message }: Finding): string =>
  `${kind}${position === null ? '' : ` at position ${position}`}: ${message}`;

/** A folder's log is signed when its writer is done, and by a service every few seconds. */
const signedSentence = (signed: number, events: number): string => {
  if (signed === events) return 'all signed';
  if (signed > events) return `${grouped(signed)} were signed`;
  if (signed === 0) return 'none signed';
  return `the first ${grouped(signed)} signed, the others by the next checkpoint`;
};

export const sayVerified = (screen: Screen, verified: Verified): void => {
  const { ok, events, root, streams, artifacts, artifactBytes, signed, findings, findingsLeftOut, verdicts } = verified;
  const { approvals } = verdicts;
  screen.paragraph(
    `${grouped(events)} in ${streams} streams: bytes, order, gaps, causes; ${signedSentence(signed, events)}`,
    '  records    ',
  );
  screen.say(`  root       ${root}`);
  screen.say(`  artifacts  ${grouped(artifacts)}, ${(artifactBytes / 1e6).toFixed(1)} MB, hashed`);
  screen.say(`  verdicts   ${verdicts.agreed} of ${verdicts.judged} come out the same from their evidence`);
  if (approvals.checked > 0)
    screen.paragraph(
      `${approvals.checked - approvals.unlawful.length} of ${approvals.checked} are as the rules write them: keys, constitutions, what people signed`,
      '  approvals  ',
    );
  for (const finding of findings) screen.paragraph(inWords(finding), '  ✗ ', 'bad');
  if (findingsLeftOut > 0) screen.say(`  and ${findingsLeftOut} more`);
  for (const { run, cycle, what, recorded, recomputed } of verdicts.disagreements)
    screen.paragraph(`run ${run}, cycle ${cycle}: ${what} is ${recomputed}, recorded is ${recorded}`, '  ✗ ', 'bad');
  for (const { run, message } of verdicts.unjudged)
    screen.paragraph(`${run} cannot be judged again: ${message}`, '  ✗ ', 'bad');
  for (const { stream, revision, type, because } of approvals.unlawful)
    screen.paragraph(`${type} at revision ${revision} of ${stream}: ${because}`, '  ✗ ', 'bad');
  screen.say(
    ok ? screen.tint('good', 'Everything is as it was written.') : screen.tint('bad', 'NOT as it was written.'),
  );
};

const record = (session: Session, result: Verified): Promise<void> =>
  session.write(async (app) => {
    const { RecordVerification } = await import('#audit/record-verification.js');
    await app.send(new RecordVerification(result, { requester: session.surroundings.requester }));
    session.screen.say('The result is recorded in the log.');
  });

type Options = Readonly<{ expectSize?: number; expectRoot?: string; record?: boolean }>;

const verify = async (session: Session, { expectSize, expectRoot, record: recorded }: Options): Promise<void> => {
  const expected =
    expectSize !== undefined && expectRoot !== undefined ? { size: expectSize, root: expectRoot } : undefined;
  if (!expected && (expectSize !== undefined || expectRoot !== undefined))
    throw new BadInput('--expect-size and --expect-root: both are needed, as an earlier `verify` printed them');
  if (recorded) await session.requireWriting('--record');
  const verified = await verifyAllTold(session, undefined, expected);
  session.screen.say(`Verified ${session.where}`);
  sayVerified(session.screen, verified);
  if (!verified.ok) session.failCheck();
  if (recorded) await record(session, verified);
  session.screen.document(verified);
};

const sha256Root = (text: string): string => {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('64 lower-case hex digits are needed.');
  return text;
};

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
    .option('--record', 'append the result to the log')
    .action((options: Options) => verify(session, options));
};
