import { on, require, requireVerified, type RunDecision } from './deciding.js';
import { CycleRecovered, RunHalted } from './lifecycle-events.js';
import { AnchorEstablished, UpdateAborted, UpdateProduced, UpdateRequested, UpdateStarted } from './update-events.js';
import type { DataOf } from './events.js';
import { isInterruption } from './cycle.js';
import { cycleOf, type Started } from './run.js';

const CONTRACT_ONLY =
  'is for trainers of the contract; a run file with `trainers: any` opens all but the base to others';
const LEFT_BEHIND = 'optimiser, transcript and receipt belong to an update that can be trained again, and to no other';

/** Whether trainers that follow no contract may train the update of a cycle. The base is what everything is measured against. */
export const opensTo = (run: Started, cycle: number): boolean => run.config.trainers === 'any' && cycle > 0;

export const requestUpdate = (data: DataOf<'UpdateRequested'>): RunDecision =>
  on((run) => {
    requireVerified(run);
    const cycle = cycleOf(run, data.cycle);
    require(!cycle.requested && !cycle.produced, `cycle ${data.cycle}: its update is under way already`);
    return [UpdateRequested.of(data)];
  });

export const startUpdate = (data: DataOf<'UpdateStarted'>): RunDecision =>
  on((run) => {
    const { requested, started: begun } = cycleOf(run, data.cycle);
    const { attempt } = data.env;
    require(requested?.plan === data.plan, `cycle ${data.cycle}: plan ${data.plan} was not requested`);
    require(requested?.env.attempt === attempt && !begun, `cycle ${data.cycle}: attempt ${attempt} is not to be begun`);
    require(data.env.contract !== null || opensTo(run, data.cycle), `cycle ${data.cycle}: ${CONTRACT_ONLY}`);
    return [UpdateStarted.of(data)];
  });

export const produceUpdate = (data: DataOf<'UpdateProduced'>): RunDecision =>
  on((run) => {
    const cycle = cycleOf(run, data.cycle);
    require(cycle.started?.plan === data.plan, `cycle ${data.cycle}: plan ${data.plan} was not started`);
    require(!cycle.produced && !cycle.aborted, `cycle ${data.cycle}: has ended already`);
    const { attempt } = data.env;
    require(cycle.started?.env.attempt === attempt, `cycle ${data.cycle}: attempt ${attempt} is not under way`);
    require(data.replayable === (cycle.started?.env.contract !== null), `cycle ${data.cycle}: ${CONTRACT_ONLY}`);
    const left = [data.optimiser, data.transcript, data.receipt];
    require(left.every((hash) => (hash !== null) === data.replayable), `cycle ${data.cycle}: ${LEFT_BEHIND}`);
    return [UpdateProduced.of(data)];
  });

/** A base that cannot be trained leaves nothing to go on from: the run halts. */
export const abortUpdate = (data: DataOf<'UpdateAborted'>): RunDecision =>
  on((run) => {
    const { attempt } = data.env;
    const { requested, produced } = cycleOf(run, data.cycle);
    require(requested?.env.attempt === attempt &&
      !produced, `cycle ${data.cycle}: attempt ${attempt} is not under way`);
    const lost = data.cycle === 0 && !isInterruption(data) && run.status === 'running';
    const halted = RunHalted.of({ reason: `the base could not be trained (${data.reason})`, requester: 'loop' });
    return [UpdateAborted.of(data), ...(lost ? [halted] : [])];
  });

/** What a restart says of an update that a crash cut short: the attempt is over, the cycle goes on. An order that nobody had taken just waits on. */
export const recoverUpdate = (cycle: number): RunDecision =>
  on((run) => {
    const { requested, started: begun, produced } = cycleOf(run, cycle);
    if (!requested || !begun || produced) return [];
    const message = 'the trainer went away before it produced anything';
    return [
      UpdateAborted.of({ cycle, reason: 'crash', step: null, message, env: requested.env }),
      CycleRecovered.of({ cycle, interrupted: 'update started', resumedFrom: 'update requested' }),
    ];
  });

export const establishAnchor = (data: DataOf<'AnchorEstablished'>): RunDecision =>
  on((run) => {
    require(run.anchor === undefined, 'the anchor is established already and never changes');
    const { base } = run.config;
    const expected = base.kind === 'checkpoint' ? base.checkpoint : cycleOf(run, 0).produced?.candidate;
    require(expected === data.checkpoint, `anchor ${data.checkpoint} is not the base of the run, ${expected}`);
    return [AnchorEstablished.of(data)];
  });
