import type { RunEvent } from '#run/domain/events.js';
import { countedName, type ArmStory } from './arm-story.js';
import { counted, said, section, sentence, type Block, type Cite, type Row } from './document.js';
import { ofType, type Placed } from './told.js';

type Verdict = ReturnType<typeof verdictsIn>[number];
const verdictsIn = (events: readonly Placed<RunEvent>[]) => ofType(events, 'VerdictReached');

/** What became of the cycles of one arm, from what each of its runs recorded. */
export type CycleCounts = Readonly<{
  arm: string;
  runs: number;
  planned: number;
  proposed: number;
  accepted: number;
  rejected: number;
  inconclusive: number;
  /** Proposed cycles whose last attempt ended without a candidate. */
  aborted: number;
  voided: number;
  halted: number;
  /** Its updates are none, by its policy. */
  frozen: boolean;
  /** The rejections that each rule had a part in, by its kind. */
  reasons: ReadonlyMap<string, readonly Cite[]>;
  /** Every event that is counted, and those that a candidate was judged by or that came to none. */
  cites: readonly Cite[];
  outcomes: readonly Cite[];
}>;

/** Rules that failed; a rejection may have several. */
const failed = ({ event }: Verdict): readonly string[] => [
  ...new Set(event.data.reasons.flatMap(({ outcome, rule, kind }) => (outcome === 'fail' ? `${kind} ${rule}` : []))),
];

const byRule = (rejected: readonly Verdict[]): ReadonlyMap<string, readonly Cite[]> => {
  const found = new Map<string, Cite[]>();
  for (const verdict of rejected)
    for (const rule of failed(verdict)) found.set(rule, [...(found.get(rule) ?? []), verdict.cite]);
  return found;
};

/** The last attempts at cycles that came to no candidate. */
const abortedIn = (events: readonly Placed<RunEvent>[]): ReadonlyMap<number, Cite> => {
  const made = new Set(ofType(events, 'UpdateProduced').map(({ event }) => event.data.cycle));
  const ended = ofType(events, 'UpdateAborted').filter(({ event }) => !made.has(event.data.cycle));
  return new Map(ended.map(({ event, cite }) => [event.data.cycle, cite]));
};

const isFrozen = (events: readonly Placed<RunEvent>[]): boolean =>
  ofType(events, 'RunStarted').some(({ event }) => event.data.config.policy === 'frozen');

const distinct = (cycles: readonly number[]): number => new Set(cycles).size;

export const countsOf = (story: ArmStory, cycles: number): CycleCounts => {
  const { runs } = story;
  const all = runs.map(({ events }) => events);
  const sum = (count: (events: readonly Placed<RunEvent>[]) => number): number =>
    all.reduce((total, events) => total + count(events), 0);
  const verdicts = all.flatMap(verdictsIn);
  const rejected = verdicts.filter(({ event }) => event.data.verdict === 'REJECT');
  const of = (verdict: string): number => verdicts.filter(({ event }) => event.data.verdict === verdict).length;
  const proposedIn = (events: readonly Placed<RunEvent>[]): number =>
    distinct(ofType(events, 'CycleProposed').map(({ event }) => event.data.cycle));
  const proposals = all.flatMap((events) => ofType(events, 'CycleProposed'));
  const voids = all.flatMap((events) => ofType(events, 'EvaluationVoided'));
  const aborted = all.flatMap((events) => [...abortedIn(events).values()]);
  const outcomes = [...verdicts.map(({ cite }) => cite), ...aborted];
  const ends = all.flatMap((events) => [...ofType(events, 'RunCompleted'), ...ofType(events, 'RunHalted')]);
  return {
    arm: countedName(story),
    runs: runs.length,
    planned: runs.length * cycles,
    proposed: sum(proposedIn),
    accepted: of('ACCEPT'),
    rejected: rejected.length,
    inconclusive: of('INCONCLUSIVE'),
    aborted: aborted.length,
    voided: voids.length,
    halted: all.filter((events) => ofType(events, 'RunHalted').length > 0).length,
    frozen: all.some(isFrozen),
    reasons: byRule(rejected),
    cites: [...outcomes, ...[...proposals, ...voids, ...ends].map(({ cite }) => cite)],
    outcomes,
  };
};

const rowOf = (counts: CycleCounts): Row => {
  const { arm, runs, planned, proposed, accepted, rejected, inconclusive, aborted, voided, halted } = counts;
  const numbers = [runs, planned, proposed, accepted, rejected, inconclusive, aborted, voided, halted];
  return { cells: [arm, ...numbers.map(String)], cites: counts.cites };
};

/** Which rules had a part in how many rejections, arm by arm; one rejection may have several. */
const reasonsTable = (all: readonly CycleCounts[]): readonly Block[] => {
  const rules = [...new Set(all.flatMap(({ reasons }) => [...reasons.keys()]))].sort();
  if (rules.length === 0) return [];
  const rows = rules.map((rule) => ({
    cells: [rule, ...all.map(({ reasons }) => String(reasons.get(rule)?.length ?? 0))],
    cites: all.flatMap(({ reasons }) => reasons.get(rule) ?? []),
  }));
  const right = all.map((_, at) => at + 1);
  const caption = 'Rejections by rule; one rejection may have several';
  return [{ kind: 'table', table: { caption, head: ['Rule', ...all.map(({ arm }) => arm)], right, rows } }];
};

/** Accepted, rejected, undecided and failed cycles of every arm, with the same weight. */
export const cyclePart = (stories: readonly ArmStory[], cycles: number): readonly Block[] => {
  const all = stories.map((story) => countsOf(story, cycles));
  const sum = (of: (counts: CycleCounts) => number): number => all.reduce((total, one) => total + of(one), 0);
  const aborted = sum((counts) => counts.aborted);
  const judged = sum(({ accepted, rejected, inconclusive }) => accepted + rejected + inconclusive);
  return [
    section('cycles', 'What became of every cycle'),
    said(
      sentence(
        `${counted(judged, 'candidate')} ${judged === 1 ? 'was' : 'were'} judged: ${sum(({ accepted }) => accepted)} accepted, ` +
          `${sum(({ rejected }) => rejected)} rejected, ${sum(({ inconclusive }) => inconclusive)} inconclusive. ` +
          `${counted(aborted, 'cycle')} came to no candidate.`,
        ...all.flatMap(({ outcomes }) => outcomes),
      ),
      ...(all.some(({ frozen }) => frozen)
        ? [sentence('A frozen arm proposes no change, so nothing of it is judged.')]
        : []),
    ),
    {
      kind: 'table',
      table: {
        caption: 'Cycles by arm',
        head: [
          'Arm',
          'Runs',
          'Planned',
          'Proposed',
          'Accepted',
          'Rejected',
          'Inconclusive',
          'Aborted',
          'Voided',
          'Halted runs',
        ],
        right: [1, 2, 3, 4, 5, 6, 7, 8, 9],
        rows: all.map(rowOf),
      },
    },
    ...reasonsTable(all),
  ];
};
