import type { Regime } from '#constitution/domain/regime.js';
import { Refused } from '#ledger/decider.js';
import { HALF_WAY, rejectedWords, rescueDue, stallDue } from './adaptation.js';
import { AdaptationStalled, CandidateInterpolated, RegimeBackedOff } from './adaptation-events.js';
import { regimeAt } from './config.js';
import { on, require, requireVerified, type RunDecision } from './deciding.js';
import { CycleProposed, RunHalted } from './lifecycle-events.js';

/** What a proposal has none of that trains nothing. */
const UNTRAINED = { batches: null, general: null, memory: null, forecast: null };

/** The rejected candidate once more, half way to the champion: a cycle of its own that trains nothing. One append. */
export const rescueCandidate = (candidate: string): RunDecision =>
  on((run) => {
    requireVerified(run);
    const rejected = rescueDue(run);
    if (!rejected) throw new Refused('rescue: no rejected candidate is to be tried once more');
    const { proposal, produced } = rejected;
    const cycle = rejected.cycle + 1;
    return [
      CycleProposed.of({ ...proposal, cycle, trigger: 'rescue', ...UNTRAINED }),
      CandidateInterpolated.of({
        cycle,
        candidate,
        champion: proposal.champion,
        parent: produced.candidate,
        parentCycle: rejected.cycle,
        factor: HALF_WAY,
        steps: produced.steps,
        tokens: produced.tokens,
      }),
    ];
  });

/** @param to what the constitution makes of the planned regime; see `lowered` */
export const backOffRegime = (cycle: number, to: Regime): RunDecision =>
  on((run) => {
    require(stallDue(run) === 'back-off', 'back-off: too few updates were rejected, or the regime has backed off');
    const begun = run.cycles.findLast(({ proposal }) => proposal)?.cycle ?? 0;
    require(cycle === begun + 1, `back-off: cycle ${cycle} is not the next one`);
    return [RegimeBackedOff.of({ cycle, from: regimeAt(run.config, cycle), to, rejected: [...run.rejectedInARow] })];
  });

/** Nothing is gained by going on as before: the run rests until a person lets it go on. */
export const stallRun = (): RunDecision =>
  on((run) => {
    require(run.status === 'running' && stallDue(run) === 'stall', 'stall: too few updates were rejected');
    const rejected = [...run.rejectedInARow];
    const when = run.backedOff ? ', though the regime has backed off' : '';
    const reason = `adaptation stalls: ${rejectedWords(rejected.length)}${when}`;
    return [AdaptationStalled.of({ rejected }), RunHalted.of({ reason, requester: 'loop' })];
  });
