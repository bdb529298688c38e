import { rejectedWords } from './adaptation.js';
import { controlSentence, countHeld } from './controls.js';
import type { RunEvent } from './events.js';
import { CAPABILITY_METRIC, GENERAL_METRIC } from './evidence.js';

const short = (hash: string): string => hash.slice(0, 12);
const figure = (value: number | null | undefined, digits = 4): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(digits))) : 'not measurable';
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
const percent = (ppm: number): string => `${Math.round(ppm / 10_000)}%`;
const ofCycle = (cycle: number): string => (cycle === 0 ? 'the base' : `cycle ${cycle}`);

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['data'];

const allocated = ({ policy, weightsPpm }: Of<'CycleProposed'>['allocation']): string => {
  const shares = Object.entries(weightsPpm).sort((a, b) => b[1] - a[1]);
  if (policy === 'frozen') return 'frozen, so nothing is trained';
  if (policy === 'uniform') return `uniform over ${plural(shares.length, 'domain')}`;
  if (new Set(shares.map(([, ppm]) => percent(ppm))).size === 1)
    return `${policy}, all ${plural(shares.length, 'domain')} alike`;
  const most = shares.slice(0, 3).map(([name, ppm]) => `${name} ${percent(ppm)}`);
  return `${policy}, mostly ${most.join(', ')}`;
};

const measured = ({ metrics, correct, scoredBytes }: Of<'ProbesRecorded'>): string => {
  const [capability, general] = [metrics[CAPABILITY_METRIC], metrics[GENERAL_METRIC]];
  if (capability !== undefined) return `capability ${figure(100 * capability)}%`;
  if (general !== undefined) return `${figure(general)} bits per byte of general text`;
  return `${correct} of ${scoredBytes} bytes right`;
};

const checked = ({ evaluator, controls }: Of<'ControlsChecked'>): string => {
  const { held, checked: all } = countHeld(controls);
  const broken = controls.find((each) => !each.held);
  if (!broken) return `Evaluator ${evaluator} passed all ${plural(all, 'control')}.`;
  return `Evaluator ${evaluator} passed ${held} of ${plural(all, 'control')}; ${controlSentence(broken)}.`;
};

const update = (event: Extract<RunEvent, { type: `Update${string}` }>): string => {
  switch (event.type) {
    case 'UpdateRequested':
      return `An update of ${ofCycle(event.data.cycle)} is wanted: at most ${plural(event.data.budgets.steps, 'step')}.`;
    case 'UpdateStarted':
      return `Trainer ${event.data.env.trainer} begins attempt ${event.data.env.attempt} at ${ofCycle(event.data.cycle)}.`;
    case 'UpdateProduced': {
      const { cycle, candidate, steps, lossFirstNats, lossLastNats } = event.data;
      const loss = `loss ${figure(lossFirstNats)} to ${figure(lossLastNats)} nats per byte`;
      return `The update of ${ofCycle(cycle)} gave ${short(candidate)} after ${plural(steps, 'step')}, ${loss}.`;
    }
    case 'UpdateAborted': {
      const { cycle, reason, step, message } = event.data;
      return `The update of ${ofCycle(cycle)} ended${step === null ? '' : ` at step ${step}`} (${reason}): ${message}.`;
    }
  }
};

type Evidence =
  | 'ProbesRecorded'
  | 'ControlsChecked'
  | 'EvaluationVoided'
  | 'ShadowCompared'
  | 'DriftMeasured'
  | 'CalibrationMeasured'
  | 'VerdictReached';

const evidence = (event: Extract<RunEvent, { type: Evidence }>): string => {
  switch (event.type) {
    case 'ProbesRecorded': {
      const { subject, role, items } = event.data;
      return `The ${subject} was shown ${plural(items, 'item')} of the ${role} suite: ${measured(event.data)}.`;
    }
    case 'ControlsChecked':
      return checked(event.data);
    case 'EvaluationVoided': {
      const { cycle, evaluator, cause, reason } = event.data;
      return `The evaluation of ${ofCycle(cycle)} is void: evaluator ${evaluator} failed (${cause}): ${reason}.`;
    }
    case 'ShadowCompared': {
      const { evaluators, items, agreed, reasons } = event.data;
      const outcome = agreed ? 'agree' : `disagree: ${reasons.join('; ')}`;
      return `The evaluators ${evaluators.join(' and ')} ${outcome} on ${plural(items, 'item')}.`;
    }
    case 'DriftMeasured': {
      const { metric, value, unit, reference, threshold, alarm } = event.data;
      const bound = threshold === null ? '' : ` (at most ${figure(threshold)})`;
      return `${alarm ? 'Drift alarm' : 'Drift'}: ${metric} is ${figure(value)} ${unit} against the ${reference}${bound}.`;
    }
    case 'CalibrationMeasured': {
      const { subject, documents, brier, ece, coverage } = event.data;
      const held = coverage === null ? 'not measurable' : `${figure(100 * coverage, 3)}%`;
      return `Calibration of the ${subject} on ${plural(documents, 'document')}: Brier score ${figure(brier)}, error ${figure(ece, 3)}; sets meant for 90% hold ${held} of the right bytes.`;
    }
    case 'VerdictReached':
      return event.data.summary;
  }
};

/** What an event of a run means, in a sentence for people; from the event alone. */
export const sentenceOf = (event: RunEvent): string => told(event).replace(/([.!?])\.$/, '$1');

const told = (event: RunEvent): string => {
  switch (event.type) {
    case 'RunStarted': {
      const { run, cycles, seed, constitution } = event.data.config;
      return `Run ${run} begins: ${plural(cycles, 'cycle')}, seed ${seed}, judged by ${constitution.id} v${constitution.version}.`;
    }
    case 'UpdateRequested':
    case 'UpdateStarted':
    case 'UpdateProduced':
    case 'UpdateAborted':
      return update(event);
    case 'ProbesRecorded':
    case 'ControlsChecked':
    case 'EvaluationVoided':
    case 'ShadowCompared':
    case 'DriftMeasured':
    case 'CalibrationMeasured':
    case 'VerdictReached':
      return evidence(event);
    case 'AnchorEstablished':
      return `${short(event.data.checkpoint)} (${event.data.source}, ${event.data.parameters} parameters) is the anchor and the first champion.`;
    case 'CycleProposed':
      if (event.data.trigger === 'rescue')
        return `Cycle ${event.data.cycle} tries the rejected candidate once more, half way back to the champion ${short(event.data.champion)}.`;
      return `Cycle ${event.data.cycle} is proposed: regime ${event.data.regime.label}; allocation ${allocated(event.data.allocation)}.`;
    case 'CycleRefused': {
      const [first] = event.data.violations;
      return `Cycle ${event.data.cycle} was refused before any training: ${first?.field} is ${first?.value}; allowed: ${first?.allowed}.`;
    }
    default:
      return lifecycle(event);
  }
};

type Lifecycle = Exclude<
  RunEvent['type'],
  Evidence | `Update${string}` | 'RunStarted' | 'AnchorEstablished' | 'CycleProposed' | 'CycleRefused'
>;

const lifecycle = (event: Extract<RunEvent, { type: Lifecycle }>): string => {
  switch (event.type) {
    case 'CandidatePromoted':
      return `${short(event.data.champion)} is the champion now, after ${short(event.data.predecessor)}.`;
    case 'CandidateRejected':
      return `${short(event.data.candidate)} is not promoted; ${short(event.data.champion)} stays the champion.`;
    case 'CandidateInterpolated':
      return `${short(event.data.candidate)} lies half way between the champion and the rejected ${short(event.data.parent)}: a candidate of its own, not trained.`;
    case 'RegimeBackedOff': {
      const { from, to, rejected } = event.data;
      return `Since ${rejectedWords(rejected.length)}, the regime backs off from cycle ${event.data.cycle} on: rate ${from.learningRate} to ${to.learningRate}, ${from.steps} to ${plural(to.steps, 'step')}.`;
    }
    case 'AdaptationStalled':
      return `Adaptation stalls: ${rejectedWords(event.data.rejected.length)} (cycle ${event.data.rejected.join(', ')}).`;
    case 'RollbackRequested':
      return `${event.data.requester} asks to go back from ${short(event.data.from)} to ${short(event.data.to)}: ${event.data.reason}.`;
    case 'ChampionRolledBack':
      return `${short(event.data.to)} is the champion again, instead of ${short(event.data.from)}: ${event.data.reason}.`;
    case 'RollbackVerified':
      return event.data.equal
        ? `${short(event.data.checkpoint)} was probed again: equal to what was recorded when it was accepted.`
        : `${short(event.data.checkpoint)} was probed again: NOT equal to what was recorded when it was accepted.`;
    case 'RunHalted':
      return `${event.data.requester} halts the run: ${event.data.reason}.`;
    case 'RunResumed':
      return `${event.data.requester} lets the run go on: ${event.data.reason}.`;
    case 'LookOpened':
      return `The report suite is opened for look ${event.data.look}: ${plural(event.data.checkpoints.length, 'checkpoint')} will be measured.`;
    case 'RunCompleted': {
      const { accepted, rejected, inconclusive, champion } = event.data;
      return `The run is complete: ${accepted} accepted, ${rejected} rejected, ${inconclusive} inconclusive; champion ${short(champion)}.`;
    }
    case 'AnchorReset': {
      const { anchor, signatures, reason } = event.data;
      const signers = signatures.map(({ name }) => name).join(', ');
      return `The anchor is reset, signed by ${signers}: a run from ${short(anchor)} starts a lineage anew: ${reason}.`;
    }
    case 'CycleRecovered':
      return `Going on with ${ofCycle(event.data.cycle)} from "${event.data.resumedFrom}" after "${event.data.interrupted}".`;
  }
};
