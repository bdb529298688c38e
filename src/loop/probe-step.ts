import { evaluatorActor } from '#doors/actors.js';
import { encodeResults, itemResults } from '#evaluation/domain/item-results.js';
import type { Evaluated } from '#evaluation/evaluator.js';
import { sha256 } from '#ledger/digest.js';
import { decide, fold } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { recordProbes } from '#run/domain/evidence-decisions.js';
import type { DataOf } from '#run/domain/events.js';
import type { Subject } from '#run/domain/evidence-events.js';
import { CAPABILITY_METRIC, GENERAL_METRIC, SCOUT_LOSS_PREFIX } from '#run/domain/evidence.js';
import { candidateIn } from '#run/domain/cycle.js';
import { cycleOf, lastCycle, runStream, type Started } from '#run/domain/run.js';
import {
  blockValues,
  documentValues,
  meanValue,
  scoutLosses,
  sequenceIds,
  type ItemSet,
  type SequenceResult,
  type Unit,
} from '#suite/domain/items.js';
import { ProbeSuiteQueried } from '#suite/domain/events.js';
import { suiteStream, type SealedSuite } from '#suite/domain/suite.js';
import { querySuite } from '#suite/query-suite.js';
import { drawItems } from './draw-items.js';
import { guarded, requireVaried } from './evaluating.js';
import type { LoopPorts } from './loop-ports.js';
import type { JudgingContext, RunContext } from './run-context.js';

type Metrics = DataOf<'ProbesRecorded'>['metrics'];

/** Accuracy of every family over the blocks that have one sequence of each. */
const familyAccuracies = (
  units: readonly Unit[],
  results: readonly SequenceResult[],
  families: readonly string[],
): Metrics => {
  const blocks = units.filter(({ kind }) => kind === 'block');
  if (blocks.length === 0) return {};
  return Object.fromEntries(
    families.map((family, at) => {
      let sum = 0;
      for (const { sequences } of blocks) {
        const result = results[sequences[at] ?? -1];
        sum += result ? result.correct / result.scored : NaN;
      }
      return [`accuracy.${family}`, sum / blocks.length];
    }),
  );
};

/** Figures for readers; only finite ones can be recorded, and no rule uses them. */
const metricsOf = (
  units: readonly Unit[],
  results: readonly SequenceResult[],
  families: readonly string[],
): Metrics => {
  const documents = documentValues(units, results);
  const blocks = blockValues(units, results);
  const losses = Object.entries(
    scoutLosses(
      units.filter(({ kind }) => kind === 'domain'),
      results,
    ),
  );
  const metrics = {
    ...(documents.length > 0 && { [GENERAL_METRIC]: meanValue(documents) }),
    ...(blocks.length > 0 && { [CAPABILITY_METRIC]: meanValue(blocks) }),
    ...familyAccuracies(units, results, families),
    ...Object.fromEntries(losses.map(([domain, loss]) => [`${SCOUT_LOSS_PREFIX}${domain}`, loss])),
  };
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
};

const asResults = ({ nllNats, scored, correct }: Evaluated): readonly SequenceResult[] =>
  Array.from(nllNats, (nll, at) => ({ nllNats: nll, scored: scored[at] ?? 0, correct: correct[at] ?? 0 }));

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** Everything that a probe's event says of its items: it follows from them and from their results. */
export const figuresOf = (
  context: JudgingContext,
  { sequences, units }: ItemSet,
  results: readonly SequenceResult[],
): Pick<DataOf<'ProbesRecorded'>, 'itemsDigest' | 'items' | 'scoredBytes' | 'correct' | 'nllNatsSum' | 'metrics'> => {
  const nll = sum(results.map(({ nllNats }) => nllNats ?? NaN));
  return {
    itemsDigest: sha256(sequences),
    items: results.length,
    scoredBytes: sum(results.map(({ scored }) => scored)),
    correct: sum(results.map(({ correct }) => correct)),
    nllNatsSum: Number.isFinite(nll) ? nll : null,
    metrics: metricsOf(units, results, context.shadow.definition.families),
  };
};

type Probed = Readonly<{
  cycle: number;
  subject: Subject;
  checkpoint: string;
  sealed: SealedSuite;
  items: ItemSet;
  left: number;
}>;

/** Runs the primary evaluator over items and keeps every item's result as an artifact. */
const score = async (
  ports: LoopPorts,
  { checkpoint, suite, items }: Readonly<{ checkpoint: string; suite: string; items: ItemSet }>,
): Promise<Readonly<{ found: Evaluated; results: string }>> => {
  const { artifacts } = ports;
  const primary = guarded(ports, ports.primary);
  const found = await primary.evaluate(await artifacts.get(checkpoint), items.sequences);
  const ids = sequenceIds(items.units);
  return { found, results: await artifacts.put(encodeResults(itemResults(suite, primary.name, ids, found))) };
};

const evaluated = async (
  ports: LoopPorts,
  context: RunContext,
  { cycle, subject, checkpoint, sealed, items, left }: Probed,
): Promise<DataOf<'ProbesRecorded'>> => {
  const { found, results } = await score(ports, { checkpoint, suite: sealed.suite, items });
  // Elsewhere there is no candidate whose evaluation could be voided.
  if (sealed.role === 'gate' || sealed.role === 'shadow') requireVaried(ports.primary, items.sequences, found);
  return {
    cycle,
    subject,
    checkpoint,
    suite: sealed.suite,
    role: sealed.role,
    evaluator: ports.primary.name,
    queriesLeft: left,
    ...figuresOf(context, items, asResults(found)),
    results,
    env: { build: ports.primary.build },
  };
};

type Use = Readonly<{ suite: string; run: string; cycle: number; candidate: string }>;

/** What the log says was left of a suite's budget after this use of it; undefined when it was not used so. */
export const queriesLeftAfter = async (
  log: Log,
  { suite, run, cycle, candidate }: Use,
): Promise<number | undefined> => {
  const { records } = await fold(log, suiteStream, suite);
  const query = records
    .filter(({ type }) => type === ProbeSuiteQueried.type)
    .map((record) => ProbeSuiteQueried.decode(record).data)
    .find((data) => data.run === run && data.cycle === cycle && data.candidate === candidate);
  return query?.remaining;
};

type Asked = Readonly<{ sealed: SealedSuite; run: string; cycle: number; checkpoint: string; looked: boolean }>;

/** Counts a query against the suite's budget, once per checkpoint and cycle however often a crash repeats it. */
const countQuery = async ({ ledger }: LoopPorts, { sealed, checkpoint, looked, ...where }: Asked): Promise<number> => {
  const { suite, itemsArtifact } = sealed;
  const use = { ...where, suite, candidate: checkpoint };
  const asked = { run: use.run, cycle: use.cycle, candidate: checkpoint, itemsArtifact, looked };
  await querySuite(ledger, suite, asked, { actor: evaluatorActor('native') });
  const left = await queriesLeftAfter(ledger.log, use);
  if (left === undefined) throw new RangeError(`suite ${suite}: the query was not recorded`);
  return left;
};

/** The champion on the fixed scout suite: the only results that allocation may read. */
export const scoutQuality = async (
  ports: LoopPorts,
  context: RunContext,
  checkpoint: string,
): Promise<DataOf<'ProbesRecorded'>> => {
  const { sealed, items } = context.scout;
  const left = await countQuery(ports, { sealed, run: context.config.run, cycle: 0, checkpoint, looked: false });
  return evaluated(ports, context, { cycle: 0, subject: 'anchor', checkpoint, sealed, items, left });
};

export const scout = async (ports: LoopPorts, context: RunContext, run: Started, cycle: number): Promise<void> => {
  const { sealed, items } = context.scout;
  const checkpoint = run.champion ?? '';
  const left = await countQuery(ports, { sealed, run: context.config.run, cycle, checkpoint, looked: false });
  const data = await evaluated(ports, context, { cycle, subject: 'champion', checkpoint, sealed, items, left });
  await decide(ports.ledger, runStream, context.config.run, recordProbes(data), {
    actor: evaluatorActor(ports.primary.name),
  });
};

/** The weights that a cycle knows by this name. */
export const checkpointOf = (run: Started, cycle: number, subject: Subject): string => {
  const candidate = candidateIn(cycleOf(run, cycle));
  const hash = { candidate, champion: run.champion, anchor: run.lineage.anchor ?? run.anchor?.checkpoint }[subject];
  if (!hash) throw new RangeError(`cycle ${cycle}: there is no ${subject} to probe`);
  return hash;
};

/** Items of a recorded probe: those that the cycle's candidate drew, or the sealed ones. */
export const itemsOf = (context: JudgingContext, run: Started, { role, cycle }: DataOf<'ProbesRecorded'>): ItemSet =>
  role === 'scout' || role === 'report'
    ? context[role].items
    : drawItems(context, cycle, checkpointOf(run, cycle, 'candidate'), role);

/** A recorded probe once more: the hash of its results, of items that this model was shown before, so no new query. */
export const probeAgain = async (
  ports: LoopPorts,
  context: RunContext,
  run: Started,
  recorded: DataOf<'ProbesRecorded'>,
): Promise<string> => {
  const { checkpoint, suite } = recorded;
  return (await score(ports, { checkpoint, suite, items: itemsOf(context, run, recorded) })).results;
};

export const probe = async (
  ports: LoopPorts,
  context: RunContext,
  run: Started,
  cycle: number,
  subject: Subject,
  role: 'gate' | 'shadow',
): Promise<void> => {
  const id = context.config.run;
  const { sealed } = context[role];
  const candidate = checkpointOf(run, cycle, 'candidate');
  const left = await countQuery(ports, { sealed, run: id, cycle, checkpoint: candidate, looked: false });
  const items = drawItems(context, cycle, candidate, role);
  const checkpoint = checkpointOf(run, cycle, subject);
  const data = await evaluated(ports, context, { cycle, subject, checkpoint, sealed, items, left });
  await decide(ports.ledger, runStream, id, recordProbes(data), { actor: evaluatorActor(ports.primary.name) });
};

/** One checkpoint of the registered look at the report suite. */
export const report = async (
  ports: LoopPorts,
  context: RunContext,
  run: Started,
  checkpoint: string,
): Promise<void> => {
  const { sealed, items } = context.report;
  const cycle = run.cycles.find((each) => candidateIn(each) === checkpoint)?.cycle ?? 0;
  const asked = { sealed, run: context.config.run, cycle: lastCycle(run), checkpoint, looked: run.look !== undefined };
  const left = await countQuery(ports, asked);
  const subject = checkpoint === run.anchor?.checkpoint ? 'anchor' : 'candidate';
  const data = await evaluated(ports, context, { cycle, subject, checkpoint, sealed, items, left });
  await decide(ports.ledger, runStream, context.config.run, recordProbes(data), {
    actor: evaluatorActor(ports.primary.name),
  });
};
