import { ArtifactGone } from '#ledger/artifacts.js';
import { streamName } from '#ledger/ledger.js';
import type { JudgingPorts } from '#loop/loop-ports.js';
import { runStream } from '#run/domain/run.js';
import { runNames } from '#run/find-run.js';
import { checkApprovals } from './check-approvals.js';
import { checkDistillations } from './check-distillations.js';
import type { MakesReports } from './check-experiments.js';
import type { Disagreement, Verdicts } from './domain/finding.js';
import { rejudgeRun } from './rejudge.js';

export type RejudgeOptions = Readonly<{
  onRun?: (run: string) => void;
  /** Which runs, by their streams; without it all. */
  streams?: ReadonlySet<string>;
  /** Makes published reports again; without it they are taken as they are recorded. */
  makesReports?: MakesReports;
}>;

/**
 * Judges every run again from its evidence, and what people signed from the keys known then; a run that cannot be judged is
 * named, and the others are. Reads only.
 */
export const rejudgeAll = async (ports: JudgingPorts, options: RejudgeOptions = {}): Promise<Verdicts> => {
  const { onRun, streams, makesReports } = options;
  let [judged, agreed] = [0, 0];
  const disagreements: Disagreement[] = [];
  const unjudged: { run: string; message: string }[] = [];
  const erased: { run: string; message: string }[] = [];
  for (const run of await runNames(ports.ledger.log)) {
    if (streams && !streams.has(streamName(runStream, run))) continue;
    onRun?.(run);
    try {
      const again = await rejudgeRun(ports, run);
      judged += again.verdicts;
      agreed += again.agreed;
      disagreements.push(...again.disagreements);
      erased.push(...again.erased.map(({ cycle, message }) => ({ run, message: `cycle ${cycle}: ${message}` })));
    } catch (error) {
      (error instanceof ArtifactGone ? erased : unjudged).push({
        run,
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }
  const people = await checkApprovals(ports.ledger.log, makesReports);
  const distillations = await checkDistillations(ports, options);
  const approvals = {
    checked: people.checked + distillations.checked,
    unlawful: [...people.unlawful, ...distillations.unlawful],
  };
  return { judged, agreed, disagreements, unjudged, erased: [...erased, ...distillations.erased], approvals };
};
