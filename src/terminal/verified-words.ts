import type { Finding, Verification, Verified } from '#audit/domain/finding.js';
import type { VerifyProgress } from '#audit/verify-log.js';
import { grouped } from './format.js';
import type { Screen } from './screen.js';
import type { Kept } from './verify-options.js';

export const judging =
  (screen: Screen) =>
  (run: string): void =>
    screen.progress.working(`judging run ${run} again`);

export const tell =
  (screen: Screen) =>
  ({ events, artifacts }: VerifyProgress): void =>
    screen.progress.working(`${grouped(events)} records read, ${grouped(artifacts)} artifacts hashed`);

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

const sayFindings = (screen: Screen, { findings, findingsLeftOut }: Verification): void => {
  for (const finding of findings) screen.paragraph(inWords(finding), '  ✗ ', 'bad');
  if (findingsLeftOut > 0) screen.say(`  and ${findingsLeftOut} more`);
};

const sayRecords = (screen: Screen, { events, root, streams, signed }: Verification): void => {
  screen.paragraph(
    `${grouped(events)} in ${streams} streams: bytes, order, gaps, causes; ${signedSentence(signed, events)}`,
    '  records    ',
  );
  screen.say(`  root       ${root}`);
};

/** Whether nothing is wrong but that artifacts are not here, as in an import of an export without them. */
const onlyLacks = ({ missing, findings, findingsLeftOut, verdicts }: Verified): boolean =>
  missing === findings.length + findingsLeftOut &&
  verdicts.disagreements.length === 0 &&
  verdicts.approvals.unlawful.length === 0;

const sayOutcome = (screen: Screen, ok: boolean, lacking = 0): void => {
  if (ok) screen.say(screen.tint('good', 'Everything is as it was written.'));
  else if (lacking === 0) screen.say(screen.tint('bad', 'NOT as it was written.'));
  else
    screen.paragraph(
      `As it was written, as far as it is here: ${grouped(lacking)} artifact${lacking === 1 ? ' is' : 's are'} missing, and what stands on them is not shown.`,
      '',
      'warn',
    );
};

const verdictWords = ({ agreed, judged, unjudged }: Verified['verdicts']): string => {
  const rest = unjudged.length === 0 ? '' : `; those of ${unjudged.length === 1 ? 'one' : unjudged.length} not judged`;
  return `${agreed} of ${judged} come out the same from their evidence${rest}`;
};

export const sayVerified = (screen: Screen, verified: Verified): void => {
  const { ok, artifacts, artifactBytes, verdicts } = verified;
  const { approvals } = verdicts;
  sayRecords(screen, verified);
  screen.say(`  artifacts  ${grouped(artifacts)}, ${(artifactBytes / 1e6).toFixed(1)} MB, hashed`);
  if (verified.erased > 0)
    screen.say(`  erased     ${grouped(verified.erased)} more, each by a decision that the log has`);
  screen.say(`  verdicts   ${verdictWords(verdicts)}`);
  for (const { run, message } of verdicts.erased)
    screen.paragraph(`run ${run}, ${message}; it is not judged again`, '  erased     ');
  if (approvals.checked > 0)
    screen.paragraph(
      `${approvals.checked - approvals.unlawful.length} of ${approvals.checked} are as the rules write them: keys, constitutions, experiments, distillations, what people signed`,
      '  approvals  ',
    );
  sayFindings(screen, verified);
  for (const { run, cycle, what, recorded, recomputed } of verdicts.disagreements)
    screen.paragraph(`run ${run}, cycle ${cycle}: ${what} is ${recomputed}, recorded is ${recorded}`, '  ✗ ', 'bad');
  for (const { run, message } of verdicts.unjudged)
    screen.paragraph(`${run} cannot be judged again: ${message}`, '  ✗ ', 'bad');
  for (const { stream, revision, type, because } of approvals.unlawful)
    screen.paragraph(`${type} at revision ${revision} of ${stream}: ${because}`, '  ✗ ', 'bad');
  sayOutcome(screen, ok, onlyLacks(verified) ? verified.missing : 0);
};

/** Of a log that was verified from what it publishes. */
export const sayPublished = (screen: Screen, verified: Verification): void => {
  sayRecords(screen, verified);
  screen.paragraph('artifacts and verdicts, since they are not in what a log publishes', '  unchecked  ');
  sayFindings(screen, verified);
  sayOutcome(screen, verified.ok);
};

/** What somebody kept elsewhere, and which the log is found to begin with. */
export const sayHeld = (screen: Screen, { expected, kept, key }: Kept): void => {
  const held = [
    ...(expected ? [`the root over ${grouped(expected.size)} records that was given`] : []),
    ...kept.map(({ by, checkpoint }) => `${by}, over ${grouped(checkpoint.size)} records`),
    ...(key ? ['the key that was given'] : []),
  ];
  if (held.length > 0) screen.paragraph(`${held.join('; ')}`, 'Held against ');
};
