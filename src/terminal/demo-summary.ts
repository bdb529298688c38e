import type { Replayed } from '#audit/replay-run.js';
import type { Verification } from '#audit/domain/finding.js';
import { runDigest } from '#ledger/digest.js';
import type { Record } from '#ledger/record.js';
import type { Started } from '#run/domain/run.js';
import { reportedEnds, runFacts, worsePercent } from '#run/domain/run-facts.js';

/** What the demo ends with under --json: every figure a number. */
export type DemoSummary = Readonly<{
  runId: string;
  cycles: number;
  accepted: number;
  rejected: number;
  inconclusive: number;
  capability: Readonly<{ anchor: number; champion: number }>;
  generalBitsPerByte: Readonly<{ anchor: number; champion: number }>;
  degradationPercent: number;
  events: number;
  root: string;
  runDigest: string;
  verify: Readonly<{ ok: boolean }>;
  tamper: Readonly<{ caught: boolean }>;
  replay: Readonly<{ cycles: number; matched: number; diverged: number }>;
}>;

/** The demo ended without a look at the report suite. */
export class DemoIncomplete extends Error {
  override readonly name = 'DemoIncomplete';
}

type Checked = Readonly<{ caught: boolean; verified: Verification; replayed: Replayed }>;

/** @throws DemoIncomplete when the report suite was not opened */
export const demoSummary = (run: Started, records: readonly Record[], checked: Checked): DemoSummary => {
  const ends = reportedEnds(run);
  if (!ends) throw new DemoIncomplete(`run ${run.config.run} is ${run.status} and has no figures on its report suite`);
  const { anchor, champion } = ends;
  const { accepted, rejected, inconclusive, cyclesDone } = runFacts(run);
  const { verified, replayed, caught } = checked;
  return {
    runId: run.config.run,
    cycles: cyclesDone,
    accepted,
    rejected,
    inconclusive,
    capability: { anchor: anchor.capability, champion: champion.capability },
    generalBitsPerByte: { anchor: anchor.generalBitsPerByte, champion: champion.generalBitsPerByte },
    degradationPercent: worsePercent(champion.generalBitsPerByte, anchor.generalBitsPerByte),
    events: verified.events,
    root: verified.root,
    runDigest: runDigest(records),
    verify: { ok: verified.ok },
    tamper: { caught },
    replay: { cycles: replayed.cycles, matched: replayed.matched, diverged: replayed.diverged },
  };
};
