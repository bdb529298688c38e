import type { JudgingPorts } from '#loop/loop-ports.js';
import { runNames } from '#run/find-run.js';
import { checkApprovals } from './check-approvals.js';
import type { Disagreement, Verdicts } from './domain/finding.js';
import { rejudgeRun } from './rejudge.js';

/**
 * Judges every run again from its evidence, and what people signed from the keys known then; a run that cannot be judged is
 * named, and the others are. Reads only.
 */
export const rejudgeAll = async (
  ports: JudgingPorts,
  onRun: (run: string) => void = () => undefined,
): Promise<Verdicts> => {
  let [judged, agreed] = [0, 0];
  const disagreements: Disagreement[] = [];
  const unjudged: { run: string; message: string }[] = [];
  for (const run of await runNames(ports.ledger.log)) {
    onRun(run);
    try {
      const again = await rejudgeRun(ports, run);
      judged += again.verdicts;
      agreed += again.agreed;
      disagreements.push(...again.disagreements);
    } catch (error) {
      unjudged.push({ run, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return { judged, agreed, disagreements, unjudged, approvals: await checkApprovals(ports.ledger.log) };
};
