import { ArtifactGone } from '#ledger/artifacts.js';
import type { LoopPorts } from '#loop/loop-ports.js';
import { Rejudging, type Difference } from '#run/rejudging.js';
import { rejudgeRun } from './rejudge.js';

/** Judging again as an audit does it: from the log and the artifacts, by the constitution that the log holds. */
export class AuditRejudging extends Rejudging {
  constructor(private readonly ports: LoopPorts) {
    super();
  }

  async judgeAgain(run: string, cycle: number): Promise<readonly Difference[]> {
    const { disagreements, erased } = await rejudgeRun(this.ports, run, { cycle });
    const [first] = erased;
    if (first) throw new ArtifactGone(first.message);
    return disagreements.map(({ what, recorded, recomputed }) => ({ what, recorded, recomputed }));
  }
}
