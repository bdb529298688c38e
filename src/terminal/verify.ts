import { InvalidArgumentError, type Command } from 'commander';
import { auditStream, recordVerification } from '#audit/domain/audit.js';
import { auditEvents } from '#audit/domain/events.js';
import type { Finding, Verification } from '#audit/domain/finding.js';
import { lmdbEntries } from '#audit/lmdb-entries.js';
import { rejudgeRun, type Disagreement } from '#audit/rejudge.js';
import { Seal } from '#audit/seal.js';
import { dataFolder } from '#audit/tamper.js';
import { verifyLog } from '#audit/verify-log.js';
import { constitutionEvents } from '#constitution/domain/events.js';
import { corpusEvents } from '#corpus/domain/events.js';
import { service } from '#doors/actors.js';
import { decide } from '#ledger/ledger.js';
import { runEvents } from '#run/domain/events.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { suiteEvents } from '#suite/domain/events.js';
import type { Application } from './application.js';
import { BadInput, describeFailure } from './failures.js';
import { runNames } from './find-run.js';
import { grouped } from './format.js';
import type { Screen } from './screen.js';
import { whole, type Session } from './session.js';

/** Every event type this build knows. */
const EVENTS = [...corpusEvents, ...suiteEvents, ...constitutionEvents, ...runEvents, ...auditEvents];

export type Verdicts = Readonly<{
  judged: number;
  agreed: number;
  disagreements: readonly Disagreement[];
  /** Runs whose verdicts could not be recomputed, and why. */
  unjudged: readonly Readonly<{ run: string; message: string }>[];
}>;
export type Verified = Verification & Readonly<{ verdicts: Verdicts }>;

/** Bytes, order, gaps, root and artifacts of a data folder, read beneath the log: also where the log refuses to open. */
export const verifyFolder = (
  data: string,
  screen: Screen,
  expected?: Readonly<{ size: number; root: string }>,
): Promise<Verification> => {
  const folder = dataFolder(data);
  return verifyLog(lmdbEntries(folder.log), {
    events: EVENTS,
    artifacts: new FileArtifacts(folder.artifacts),
    seal: new Seal(folder.seal),
    ...(expected && { expected }),
    onProgress: ({ events, artifacts }) =>
      screen.progress.working(`${grouped(events)} records read, ${grouped(artifacts)} artifacts hashed`),
  });
};

const rejudgeAll = async ({ log, ports }: Application, screen: Screen): Promise<Verdicts> => {
  let [judged, agreed] = [0, 0];
  const disagreements: Disagreement[] = [];
  const unjudged: { run: string; message: string }[] = [];
  for (const run of await runNames(log)) {
    screen.progress.working(`judging run ${run} again`);
    try {
      const again = await rejudgeRun(ports, run);
      judged += again.verdicts;
      agreed += again.agreed;
      disagreements.push(...again.disagreements);
    } catch (error) {
      unjudged.push({ run, message: describeFailure(error).message });
    }
  }
  return { judged, agreed, disagreements, unjudged };
};

/** The log first, then every verdict from its evidence. */
export const verifyAll = async (
  session: Session,
  data: string,
  expected?: Readonly<{ size: number; root: string }>,
): Promise<Verified> => {
  const found = await verifyFolder(data, session.screen, expected);
  const verdicts = await session
    .read((app) => rejudgeAll(app, session.screen), data)
    .catch((error: unknown): Verdicts => {
      const { message, fault } = describeFailure(error);
      if (fault) throw error;
      return { judged: 0, agreed: 0, disagreements: [], unjudged: [{ run: 'every run', message }] };
    });
  const ok = found.ok && verdicts.disagreements.length === 0 && verdicts.unjudged.length === 0;
  return { ...found, ok, verdicts };
};

/** "byte change at position 99: …" */
export const inWords = ({ kind, position, message }: Finding): string =>
  `${kind}${position === null ? '' : ` at position ${position}`}: ${message}`;

export const sayVerified = (screen: Screen, verified: Verified): void => {
  const { ok, events, root, streams, artifacts, artifactBytes, sealed, findings, findingsLeftOut, verdicts } = verified;
  screen.say(
    `  records    ${grouped(events)} in ${streams} streams: bytes, order, gaps, causes; ${grouped(sealed)} sealed`,
  );
  screen.say(`  root       ${root}`);
  screen.say(`  artifacts  ${grouped(artifacts)}, ${(artifactBytes / 1e6).toFixed(1)} MB, hashed`);
  screen.say(`  verdicts   ${verdicts.agreed} of ${verdicts.judged} come out the same from their evidence`);
  for (const finding of findings) screen.paragraph(inWords(finding), '  ✗ ', 'bad');
  if (findingsLeftOut > 0) screen.say(`  and ${findingsLeftOut} more`);
  for (const { run, cycle, what, recorded, recomputed } of verdicts.disagreements)
    screen.paragraph(`run ${run}, cycle ${cycle}: ${what} is ${recomputed}, recorded is ${recorded}`, '  ✗ ', 'bad');
  for (const { run, message } of verdicts.unjudged)
    screen.paragraph(`${run} cannot be judged again: ${message}`, '  ✗ ', 'bad');
  screen.say(
    ok ? screen.tint('good', 'Everything is as it was written.') : screen.tint('bad', 'NOT as it was written.'),
  );
};

const record = (session: Session, result: Verification): Promise<void> =>
  session.write(async ({ ports }) => {
    await decide(ports.ledger, auditStream, '', recordVerification(result), { actor: service });
    session.screen.say('The result is recorded in the log.');
  });

type Options = Readonly<{ expectSize?: number; expectRoot?: string; record?: boolean }>;

const verify = async (session: Session, { expectSize, expectRoot, record: recorded }: Options): Promise<void> => {
  const expected =
    expectSize !== undefined && expectRoot !== undefined ? { size: expectSize, root: expectRoot } : undefined;
  if (!expected && (expectSize !== undefined || expectRoot !== undefined))
    throw new BadInput('--expect-size and --expect-root: both are needed, as an earlier `verify` printed them');
  const verified = await verifyAll(session, session.data, expected);
  session.screen.say(`Verified ${session.data}`);
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
