import { on, require, type RunDecision } from './deciding.js';
import { CycleRecovered, RunHalted } from './lifecycle-events.js';
import { AnchorEstablished, UpdateAborted, UpdateProduced, UpdateRequested, UpdateStarted } from './update-events.js';
import type { DataOf } from './events.js';
import { cycleOf, isInterruption } from './run.js';

export const requestUpdate = (data: DataOf<'UpdateRequested'>): RunDecision =>
  on((run) => {
    const cycle = cycleOf(run, data.cycle);
    require(!cycle.requested && !cycle.produced, `cycle ${data.cycle}: its update is under way already`);
    return [UpdateRequested.of(data)];
  });

export const startUpdate = (data: DataOf<'UpdateStarted'>): RunDecision =>
  on((run) => {
    const { requested } = cycleOf(run, data.cycle);
    require(requested?.plan === data.plan, `cycle ${data.cycle}: plan ${data.plan} was not requested`);
    return [UpdateStarted.of(data)];
  });

export const produceUpdate = (data: DataOf<'UpdateProduced'>): RunDecision =>
  on((run) => {
    const cycle = cycleOf(run, data.cycle);
    require(cycle.started?.plan === data.plan, `cycle ${data.cycle}: plan ${data.plan} was not started`);
    require(!cycle.produced && !cycle.aborted, `cycle ${data.cycle}: has ended already`);
    return [UpdateProduced.of(data)];
  });

/** A base that cannot be trained leaves nothing to go on from: the run halts. */
export const abortUpdate = (data: DataOf<'UpdateAborted'>): RunDecision =>
  on((run) => {
    require(cycleOf(run, data.cycle).requested !== undefined, `cycle ${data.cycle}: there is no update to abort`);
    const lost = data.cycle === 0 && !isInterruption(data) && run.status === 'running';
    const halted = RunHalted.of({ reason: `the base could not be trained (${data.reason})`, requester: 'loop' });
    return [UpdateAborted.of(data), ...(lost ? [halted] : [])];
  });

/** What a restart says of an update that a crash cut short: the attempt is over, the cycle goes on. */
export const recoverUpdate = (cycle: number): RunDecision =>
  on((run) => {
    const { requested, started: begun, produced } = cycleOf(run, cycle);
    if (!requested || produced) return [];
    const message = 'the trainer went away before it produced anything';
    return [
      UpdateAborted.of({ cycle, reason: 'crash', step: null, message, env: requested.env }),
      CycleRecovered.of({
        cycle,
        interrupted: begun ? 'update started' : 'update requested',
        resumedFrom: 'update requested',
      }),
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
