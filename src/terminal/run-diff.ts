import type { Command } from 'commander';
import { runDigest } from '#ledger/digest.js';
import { reportedEnds, runFacts } from '#run/domain/run-facts.js';
import { findRun, type FoundRun } from '#run/find-run.js';
import { bits, share } from './format.js';
import type { Session } from './session.js';

export type Difference = Readonly<{ field: string; a: string; b: string }>;

const isObject = (value: unknown): value is { [key: string]: unknown } => typeof value === 'object' && value !== null;
const text = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));

/** Every leaf in which two values differ, in the order of their paths. */
export const differences = (a: unknown, b: unknown, field = ''): readonly Difference[] => {
  if (!isObject(a) || !isObject(b)) return text(a) === text(b) ? [] : [{ field, a: text(a), b: text(b) }];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differences(a[key], b[key], field === '' ? key : `${field}.${key}`));
};

/** Names that are the run's own by construction say nothing about a difference. */
const BY_NAME = /^(run|suites\..*)$/;

const outcomesOf = ({ run, records }: FoundRun): Readonly<Record<string, string>> => {
  const facts = runFacts(run);
  const ends = reportedEnds(run);
  return {
    status: facts.status,
    'cycles done': String(facts.cyclesDone),
    accepted: String(facts.accepted),
    rejected: String(facts.rejected),
    inconclusive: String(facts.inconclusive),
    anchor: facts.anchor ?? 'none',
    champion: facts.champion ?? 'none',
    'champion capability': ends ? share(ends.champion.capability) : 'not reported',
    'champion bits/byte': ends ? bits(ends.champion.generalBitsPerByte) : 'not reported',
    'run digest': runDigest(records),
  };
};

const shown = (hashOrFigure: string): string =>
  /^[0-9a-f]{64}$/.test(hashOrFigure) ? `${hashOrFigure.slice(0, 16)}…` : hashOrFigure;

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
        flexible: 0,
      });
    screen.title('What came of it');
    screen.table({
      head: ['', first, second, ''],
      rows: Object.keys(before).map((key) => {
        const [x, y] = [before[key] ?? '', after[key] ?? ''];
        return [key, shown(x), shown(y), x === y ? '' : 'differs'];
      }),
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
