import type { Command } from 'commander';
import { runDigest } from '#ledger/digest.js';
import { reportedEnds, runFacts } from '#run/domain/run-facts.js';
import { findRun, type FoundRun } from '#run/find-run.js';
import { bits, share } from './format.js';
import type { Session } from './session.js';

/** A value is left out where the run has no such field. */
export type Difference = Readonly<{ field: string; a?: unknown; b?: unknown }>;

const isObject = (value: unknown): value is { [key: string]: unknown } => typeof value === 'object' && value !== null;
const text = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));
const given = <K extends 'a' | 'b'>(key: K, value: unknown): { [key in K]?: unknown } =>
  (value === undefined ? {} : { [key]: value }) as { [key in K]?: unknown };

/** Every leaf in which two values differ, in the order of their paths. */
export const differences = (a: unknown, b: unknown, field = ''): readonly Difference[] => {
  if (!isObject(a) || !isObject(b)) return text(a) === text(b) ? [] : [{ field, ...given('a', a), ...given('b', b) }];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differences(a[key], b[key], field === '' ? key : `${field}.${key}`));
};

/** Names that are the run's own by construction say nothing about a difference. */
const BY_NAME = /^(run|suites\..*)$/;

type Outcomes = Readonly<{
  status: string;
  cyclesDone: number;
  accepted: number;
  rejected: number;
  inconclusive: number;
  anchor: string | null;
  champion: string | null;
  /** On the report suite; null before it was looked at. */
  championCapability: number | null;
  championGeneralBitsPerByte: number | null;
  runDigest: string;
}>;

const outcomesOf = ({ run, records }: FoundRun): Outcomes => {
  const { status, cyclesDone, accepted, rejected, inconclusive, anchor, champion } = runFacts(run);
  const end = reportedEnds(run)?.champion;
  return {
    status,
    cyclesDone,
    accepted,
    rejected,
    inconclusive,
    anchor,
    champion,
    championCapability: end?.capability ?? null,
    championGeneralBitsPerByte: end?.generalBitsPerByte ?? null,
    runDigest: runDigest(records),
  };
};

const hash = (value: string | null): string => (value === null ? 'none' : `${value.slice(0, 16)}…`);
const orNot = (value: number | null, show: (value: number) => string): string =>
  value === null ? 'not reported' : show(value);

const inWords = (outcomes: Outcomes): Readonly<Record<string, string>> => ({
  status: outcomes.status,
  'cycles done': String(outcomes.cyclesDone),
  accepted: String(outcomes.accepted),
  rejected: String(outcomes.rejected),
  inconclusive: String(outcomes.inconclusive),
  anchor: hash(outcomes.anchor),
  champion: hash(outcomes.champion),
  'champion capability': orNot(outcomes.championCapability, share),
  'champion bits/byte': orNot(outcomes.championGeneralBitsPerByte, bits),
  'run digest': hash(outcomes.runDigest),
});

const shown = (value: unknown): string => {
  if (typeof value !== 'string') return text(value);
  return /^[0-9a-f]{64}$/.test(value) ? hash(value) : value;
};

const BY_THE_NAME =
  "The seed fixes base, order of the data and what updates compute; the gate's items are drawn by the run's name too, so runs of other names are judged on other items.";

const diff = (session: Session, first: string, second: string): Promise<void> =>
  session.read(async ({ log }) => {
    const [a, b] = [await findRun(log, first), await findRun(log, second)];
    const config = differences(a.run.config, b.run.config).filter(({ field }) => !BY_NAME.test(field));
    const [before, after] = [outcomesOf(a), outcomesOf(b)];
    const { screen } = session;
    screen.title('What they were set up with');
    if (config.length === 0) screen.say('The same, but for the name.');
    else
      screen.table({
        head: ['field', first, second],
        rows: config.map((each) => [each.field, shown(each.a), shown(each.b)]),
        flexible: [0, 1, 2],
      });
    if (first !== second) {
      screen.say('');
      screen.paragraph(BY_THE_NAME);
    }
    screen.title('What came of it');
    const [one, other] = [inWords(before), inWords(after)];
    screen.table({
      head: ['', first, second, ''],
      rows: Object.keys(one).map((key) => {
        const [x = '', y = ''] = [one[key], other[key]];
        return [key, x, y, x === y ? '' : 'differs'];
      }),
      flexible: [1, 2],
    });
    screen.document({ runs: [first, second], config, outcomes: { [first]: before, [second]: after } });
  });

export const registerRunDiff = (run: Command, session: Session): void => {
  run
    .command('diff')
    .argument('<a>', 'a run')
    .argument('<b>', 'another run of the same data folder')
    .description('in what two runs were set up differently, and what came of it')
    .action((a: string, b: string) => diff(session, a, b));
};
