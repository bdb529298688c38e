import { evaluatorActor, service } from '#doors/actors.js';
import { decide } from '#ledger/ledger.js';
import { completeRun, openLook, verifyRollback } from '#run/domain/decisions.js';
import { nextStep, type Step } from '#run/domain/next-step.js';
import { runStream, type Started } from '#run/domain/run.js';
import { answerAlarm, backOff, endDrill, rescue, stall } from './adapt-step.js';
import { measureCalibration } from './calibrate-step.js';
import { control } from './control-step.js';
import { evaluating } from './evaluating.js';
import { guardChampion } from './guard-champion.js';
import { compare } from './compare-step.js';
import { drift, settle } from './judge-step.js';
import type { LoopPorts } from './loop-ports.js';
import { probe, probeAgain, report, scout } from './probe-step.js';
import { loadContext, loadRun, type RunContext } from './run-context.js';
import { train, type Watch } from './train-step.js';
import { establish, propose } from './update-step.js';

const WORDS: Readonly<Partial<Record<Step['kind'], string>>> = {
  train: 'training',
  scout: 'probing the champion on the scout suite',
  probe: 'probing',
  'check-controls': 'checking the evaluator with controls',
  'compare-shadow': 'asking the shadow evaluator',
  'compare-reference': 'asking the reference evaluator',
  'measure-drift': 'measuring drift',
  'verify-rollback': 'probing the champion that was rolled back to',
  rescue: 'going half way back to the champion',
  'measure-calibration': 'measuring calibration',
  report: 'looking at the report suite',
};

/** What a step is, in words. */
export const wordsFor = (step: Step): string => WORDS[step.kind] ?? step.kind.replaceAll('-', ' ');

/** Re-hashes and re-probes a rolled-back champion: its results must be the very ones it was accepted with. */
const confirmRollback = async (ports: LoopPorts, context: RunContext, run: Started): Promise<void> => {
  const checkpoint = run.unverifiedRollback ?? '';
  const own = run.cycles.flatMap(({ probes }) => probes).filter((probe) => probe.checkpoint === checkpoint);
  const accepted = own.find(({ subject, role }) => subject === 'candidate' && role === 'gate') ?? own[0];
  if (!accepted) throw new RangeError(`rollback: ${checkpoint} was never probed`);
  const results = await probeAgain(ports, context, run, accepted);
  const data = { checkpoint, suite: accepted.suite, results, equal: results === accepted.results };
  await decide(ports.ledger, runStream, context.config.run, verifyRollback(data), {
    actor: evaluatorActor(ports.primary.name),
  });
};

type EvaluationStep = Extract<
  Step,
  { kind: 'probe' | 'check-controls' | 'compare-shadow' | 'compare-reference' | 'measure-calibration' }
>;

const evaluate = (ports: LoopPorts, context: RunContext, run: Started, step: EvaluationStep): Promise<void> => {
  switch (step.kind) {
    case 'probe':
      return probe(ports, context, run, step.cycle, step.subject, step.role);
    case 'check-controls':
      return control(ports, context, run, step.cycle);
    case 'compare-shadow':
      return compare(ports, context, run, step.cycle, 'shadow');
    case 'compare-reference':
      return compare(ports, context, run, step.cycle, 'reference');
    case 'measure-calibration':
      return measureCalibration(ports, context, run, step.cycle, step.subject);
  }
};

/** Does one step; its events are in the log when this resolves. */
export const takeStep = async (
  ports: LoopPorts,
  context: RunContext,
  run: Started,
  step: Step,
  watch: Watch = {},
): Promise<void> => {
  const by = { actor: service };
  switch (step.kind) {
    case 'train':
      return train(ports, context, run, step.cycle, watch);
    case 'establish-anchor':
      return establish(ports, context, run);
    case 'scout':
      return scout(ports, context, run, step.cycle);
    case 'propose':
      return propose(ports, context, run, step.cycle);
    case 'probe':
    case 'check-controls':
    case 'compare-shadow':
    case 'compare-reference':
    case 'measure-calibration':
      if (watch.strict) return evaluate(ports, context, run, step);
      return evaluating(
        ports,
        context.config.run,
        step.cycle,
        () => evaluate(ports, context, run, step),
        watch.closing,
      );
    case 'measure-drift':
      return drift(ports, context, run, step.cycle);
    case 'judge':
      return settle(ports, context, run, step.cycle);
    case 'rescue':
      return rescue(ports, run);
    case 'back-off':
      return backOff(ports, context, run, step.cycle);
    case 'stall':
      return stall(ports, run);
    case 'answer-alarm':
      return answerAlarm(ports, run);
    case 'end-drill':
      return endDrill(ports, run);
    case 'verify-rollback':
      return confirmRollback(ports, context, run);
    case 'open-look':
      await decide(ports.ledger, runStream, context.config.run, openLook(context.report.sealed.suite), by);
      return;
    case 'report':
      return report(ports, context, run, step.checkpoint);
    case 'complete':
      await decide(ports.ledger, runStream, context.config.run, completeRun(), by);
      return;
    case 'rest':
  }
};

/**
 * Takes a run from wherever its events say it is to where nothing is left to do: completed, halted or stopped. Each step
 * is chosen from the log alone, so whoever calls this after a crash goes on without doing a finished step twice.
 */
export const advanceRun = async (ports: LoopPorts, id: string, signal?: AbortSignal): Promise<Started> => {
  let run = await loadRun(ports, id);
  const context = await loadContext(ports, run.config);
  for (;;) {
    const step = nextStep(run);
    if (step.kind === 'rest' || signal?.aborted) return run;
    const words = WORDS[step.kind];
    if (words && step.kind !== 'train') ports.listener.working(id, 'cycle' in step ? step.cycle : 0, words);
    if (!(await guardChampion(ports, run, step))) await takeStep(ports, context, run, step, { closing: signal });
    run = await loadRun(ports, id);
  }
};
