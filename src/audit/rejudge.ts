import { canonicalJson, type Record } from '#ledger/record.js';
import { sha256 } from '#ledger/digest.js';
import { fold } from '#ledger/ledger.js';
import { evidenceRecords, evidenceRootOf, judgeCycle } from '#loop/judge-step.js';
import type { LoopPorts } from '#loop/loop-ports.js';
import { drawItems } from '#loop/probe-step.js';
import { loadContext, type RunContext } from '#loop/run-context.js';
import type { DataOf } from '#run/domain/events.js';
import { runStream, type Cycle, type Started } from '#run/domain/run.js';

export type Disagreement = Readonly<{ run: string; cycle: number; what: string; recorded: string; recomputed: string }>;
export type Rejudged = Readonly<{ verdicts: number; agreed: number; disagreements: readonly Disagreement[] }>;

type Judged = Readonly<{ ports: LoopPorts; context: RunContext; run: Started; records: readonly Record[] }>;

/** The items a candidate was shown must be the ones its hash draws. */
const wrongItems = ({ context }: Judged, cycle: Cycle): readonly Disagreement[] =>
  cycle.probes.flatMap((probe) => {
    if (probe.role !== 'gate' && probe.role !== 'shadow') return [];
    const drawn = sha256(drawItems(context, cycle.cycle, cycle.produced?.candidate ?? '', probe.role).sequences);
    if (drawn === probe.itemsDigest) return [];
    const what = `${probe.role} items of the ${probe.subject}`;
    return [{ run: context.config.run, cycle: cycle.cycle, what, recorded: probe.itemsDigest, recomputed: drawn }];
  });

const differences = (run: string, verdict: DataOf<'VerdictReached'>, again: object): readonly Disagreement[] =>
  Object.entries(again).flatMap(([what, value]) => {
    const [recorded, recomputed] = [canonicalJson(verdict[what as keyof typeof verdict]), canonicalJson(value)];
    return recorded === recomputed ? [] : [{ run, cycle: verdict.cycle, what, recorded, recomputed }];
  });

const rejudgeCycle = async (
  judged: Judged,
  cycle: Cycle,
  verdict: DataOf<'VerdictReached'>,
): Promise<readonly Disagreement[]> => {
  const { ports, context, run, records } = judged;
  const again = await judgeCycle(ports, context, run, cycle.cycle);
  const evidenceRoot = evidenceRootOf(evidenceRecords(records, cycle.cycle));
  return [...differences(context.config.run, verdict, { ...again, evidenceRoot }), ...wrongItems(judged, cycle)];
};

/** Recomputes a run's verdicts from its recorded evidence, by the constitution the log holds. Reads only. */
export const rejudgeRun = async (
  ports: LoopPorts,
  id: string,
  only: Readonly<{ cycle?: number }> = {},
): Promise<Rejudged> => {
  const { state, records } = await fold(ports.ledger.log, runStream, id);
  if (state.status === 'absent') return { verdicts: 0, agreed: 0, disagreements: [] };
  const judged = { ports, context: await loadContext(ports, state.config), run: state, records };
  const disagreements: Disagreement[] = [];
  let [verdicts, agreed] = [0, 0];
  for (const cycle of state.cycles) {
    if (!cycle.verdict || (only.cycle !== undefined && only.cycle !== cycle.cycle)) continue;
    const found = await rejudgeCycle(judged, cycle, cycle.verdict);
    verdicts += 1;
    agreed += found.length === 0 ? 1 : 0;
    disagreements.push(...found);
  }
  return { verdicts, agreed, disagreements };
};
