import { decodeSequences } from '#corpus/domain/plsq.js';
import { controlIds } from '#evaluation/domain/controls.js';
import { decodeResults } from '#evaluation/domain/item-results.js';
import { canonicalJson } from '#ledger/record.js';
import { figuresOfControls, planControls } from '#loop/control-step.js';
import type { JudgingPorts } from '#loop/loop-ports.js';
import type { JudgingContext } from '#loop/run-context.js';
import { isProbed } from '#run/domain/next-step.js';
import { candidateIn, type Cycle } from '#run/domain/cycle.js';
import { cycleOf, type Started } from '#run/domain/run.js';
import type { WrongFigure } from './check-probe.js';

/** Holds an event of controls against the items that the candidate draws and the results it names. @throws MalformedResults */
export const checkControls = async (
  { artifacts }: JudgingPorts,
  context: JudgingContext,
  run: Started,
  cycle: Cycle,
): Promise<readonly WrongFigure[]> => {
  const { controls: recorded } = cycle;
  if (!recorded) return [];
  const number = cycle.cycle;
  if (!isProbed(cycle)) return [{ field: 'figures', recorded: 'checked', recomputed: 'no probes to check again' }];
  const results = decodeResults(await artifacts.get(recorded.results));
  const candidate = candidateIn(cycleOf(run, number)) ?? '';
  const planned = await planControls({ artifacts, context, run, cycle: number, candidate });
  const ids = controlIds(planned.runs);
  const shown = planned.runs
    .flatMap(({ sequences }) => decodeSequences(sequences))
    .map(({ mask }, at) => ({ id: ids[at], scored: mask.reduce((sum, scored) => sum + scored, 0) }));
  const answered = results.items.map(({ id, scored }) => ({ id, scored }));
  if (canonicalJson(answered) !== canonicalJson(shown))
    return [{ field: 'results', recorded: `${answered.length} items`, recomputed: `${shown.length} drawn items` }];
  const expected = { evaluator: results.evaluator, ...figuresOfControls(planned, results) };
  return Object.entries(expected).flatMap(([field, value]) => {
    const [was, is] = [canonicalJson(recorded[field as keyof typeof expected]), canonicalJson(value)];
    return was === is ? [] : [{ field: field === 'controls' ? 'figures' : field, recorded: was, recomputed: is }];
  });
};
