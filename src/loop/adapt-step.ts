import { policyActor } from '#doors/actors.js';
import { decide } from '#ledger/ledger.js';
import { HALF_WAY, lowered, rescueDue } from '#run/domain/adaptation.js';
import { backOffRegime, rescueCandidate, stallRun } from '#run/domain/adaptation-decisions.js';
import { alarmed } from '#run/domain/alarm.js';
import { rollBack } from '#run/domain/decisions.js';
import { runStream, type Started } from '#run/domain/run.js';
import type { LoopPorts } from './loop-ports.js';
import type { RunContext } from './run-context.js';

/** Who asks where no person does. */
export const POLICY = 'policy';

/** The rejected candidate half way back to the champion, as a candidate of its own. */
export const rescue = async ({ ledger, artifacts, weights }: LoopPorts, run: Started): Promise<void> => {
  const rejected = rescueDue(run);
  if (!rejected) throw new RangeError('rescue: no rejected candidate is to be tried once more');
  const champion = await artifacts.get(rejected.proposal.champion);
  const parent = await artifacts.get(rejected.produced.candidate);
  const candidate = await artifacts.put(weights.interpolate(champion, parent, HALF_WAY));
  await decide(ledger, runStream, run.config.run, rescueCandidate(candidate), { actor: policyActor('rescue') });
};

/** A gentler regime for all cycles from this one on. */
export const backOff = async (
  { ledger }: LoopPorts,
  { constitution }: RunContext,
  run: Started,
  cycle: number,
): Promise<void> => {
  const to = lowered(run, cycle, constitution.scope);
  await decide(ledger, runStream, run.config.run, backOffRegime(cycle, to), { actor: policyActor('stall') });
};

export const stall = async ({ ledger }: LoopPorts, run: Started): Promise<void> => {
  await decide(ledger, runStream, run.config.run, stallRun(), { actor: policyActor('stall') });
};

/** Back to the champion from which on quality was lost. */
export const answerAlarm = async ({ ledger }: LoopPorts, run: Started): Promise<void> => {
  const alarm = alarmed(run);
  if (!alarm) throw new RangeError('there is no alarm to answer');
  const decision = rollBack(alarm.to, alarm.reason, POLICY, 'drift');
  await decide(ledger, runStream, run.config.run, decision, { actor: policyActor('drift') });
};

/** The way back of a drill, to the champion that it began from. */
export const endDrill = async ({ ledger }: LoopPorts, run: Started): Promise<void> => {
  const decision = rollBack(run.drilledFrom ?? '', 'drill: and forward again', POLICY, 'drill');
  await decide(ledger, runStream, run.config.run, decision, { actor: policyActor('drill') });
};
