import { decodeSequences } from '#corpus/domain/plsq.js';
import { decodeResults, type ItemResults } from '#evaluation/domain/item-results.js';
import { canonicalJson } from '#ledger/record.js';
import type { JudgingPorts } from '#loop/loop-ports.js';
import { figuresOf, itemsOf, queriesLeftAfter } from '#loop/probe-step.js';
import type { JudgingContext } from '#loop/run-context.js';
import type { DataOf } from '#run/domain/events.js';
import { candidateIn } from '#run/domain/cycle.js';
import { cycleOf, type Started } from '#run/domain/run.js';
import { sequenceIds, type ItemSet } from '#suite/domain/items.js';

type Probe = DataOf<'ProbesRecorded'>;

/** A field of a probe's event, as recorded and as it follows from the sealed suites and the results. */
export type WrongFigure = Readonly<{ field: string; recorded: string; recomputed: string }>;

/** Every item that was to be shown, and nothing else, with as many scored bytes as its mask has. */
const wrongItem = ({ sequences, units }: ItemSet, { items }: ItemResults): WrongFigure | undefined => {
  const ids = sequenceIds(units);
  const shown = decodeSequences(sequences).map(({ mask }, at) => ({
    id: ids[at],
    scored: mask.reduce((sum, scored) => sum + scored, 0),
  }));
  const place = Array.from({ length: Math.max(shown.length, items.length) }, (_, at) => at).find((at) => {
    const [should, is] = [shown[at], items[at]];
    return should?.id !== is?.id || should?.scored !== is?.scored || (is?.correct ?? 0) > (is?.scored ?? 0);
  });
  if (place === undefined) return undefined;
  const say = (item: object | undefined): string => (item ? canonicalJson(item) : 'nothing');
  return { field: `results of item ${place}`, recorded: say(items[place]), recomputed: say(shown[place]) };
};

/** What the log itself counted of the suite's budget. */
const queriesLeft = (ports: JudgingPorts, run: Started, { suite, role, cycle, checkpoint }: Probe) => {
  const drawn = role === 'gate' || role === 'shadow';
  const candidate = drawn ? (candidateIn(cycleOf(run, cycle)) ?? '') : checkpoint;
  const last = Math.max(0, ...run.cycles.map((each) => each.cycle));
  return queriesLeftAfter(ports.ledger.log, {
    suite,
    run: run.config.run,
    cycle: role === 'report' ? last : cycle,
    candidate,
  });
};

/** Holds a probe's event against the items its suite draws and the results it names. @throws MalformedResults */
export const checkProbe = async (
  ports: JudgingPorts,
  context: JudgingContext,
  run: Started,
  probe: Probe,
): Promise<readonly WrongFigure[]> => {
  const items = itemsOf(context, run, probe);
  const results = decodeResults(await ports.artifacts.get(probe.results));
  const item = wrongItem(items, results);
  if (item) return [item];
  const { suite, role } = context[probe.role].sealed;
  const expected = {
    suite,
    role,
    evaluator: results.evaluator,
    queriesLeft: (await queriesLeft(ports, run, probe)) ?? null,
    ...figuresOf(context, items, results.items),
  };
  return [...Object.entries(expected), ['suite', results.suite] as const].flatMap(([field, value]) => {
    const [recorded, recomputed] = [canonicalJson(probe[field as keyof Probe]), canonicalJson(value)];
    return recorded === recomputed ? [] : [{ field, recorded, recomputed }];
  });
};
