import { decodeSequences } from '#corpus/domain/plsq.js';
import type { TaskSequence } from '#corpus/domain/family.js';
import { evaluatorActor } from '#doors/actors.js';
import { sharedItems } from '#evaluation/domain/comparison.js';
import { echoModel, uniformModel } from '#evaluation/domain/constructed-models.js';
import { drawControlItems, type Chance } from '#evaluation/domain/control-items.js';
import {
  controlFigures,
  controlIds,
  controlRuns,
  type ControlModel,
  type ControlRun,
  type Outcome,
  type Sample,
  type Samples,
} from '#evaluation/domain/controls.js';
import { decodeResults, encodeResults, itemResults, type ItemResults } from '#evaluation/domain/item-results.js';
import type { Evaluated } from '#evaluation/evaluator.js';
import type { Artifacts } from '#ledger/artifacts.js';
import { sha256 } from '#ledger/digest.js';
import { decide } from '#ledger/ledger.js';
import { checkControls } from '#run/domain/evidence-decisions.js';
import type { DataOf } from '#run/domain/events.js';
import type { Subject } from '#run/domain/evidence-events.js';
import { candidateIn } from '#run/domain/cycle.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import { shadowSeed } from '#suite/shadow-seed.js';
import { guarded } from './evaluating.js';
import type { LoopPorts } from './loop-ports.js';
import { drawItems } from './draw-items.js';
import type { JudgingContext, RunContext } from './run-context.js';

/** Items of the verdict that are run again. */
const SAMPLE = 32;

const sampled = <T>(values: readonly T[]): readonly T[] =>
  sharedItems(values.length, Math.max(1, Math.ceil(values.length / SAMPLE))).flatMap((at) => {
    const value = values[at];
    return value === undefined ? [] : [value];
  });

type Reading = Readonly<{
  artifacts: Artifacts;
  context: JudgingContext;
  run: Started;
  cycle: number;
  candidate: string;
}>;

/** A share of what a subject was probed with in these suites, and what was recorded for it. */
const sampleOf = async (reading: Reading, subject: Subject, roles: readonly ('gate' | 'shadow')[]): Promise<Sample> => {
  const { artifacts, context, run, cycle, candidate } = reading;
  const sequences: TaskSequence[] = [];
  const recorded: Outcome[] = [];
  for (const role of roles) {
    const probe = cycleOf(run, cycle).probes.find((each) => each.subject === subject && each.role === role);
    if (!probe) throw new RangeError(`cycle ${cycle}: no ${role} probes of the ${subject}`);
    recorded.push(...decodeResults(await artifacts.get(probe.results)).items);
    sequences.push(...decodeSequences(drawItems(context, cycle, candidate, role).sequences));
  }
  return { sequences: sampled(sequences), recorded: sampled(recorded) };
};

export type PlannedControls = Readonly<{
  runs: readonly ControlRun[];
  chance: Chance;
  samples: Samples;
  suite: string;
}>;

/** Everything that a candidate's controls show an evaluator, drawn from its hash. */
export const planControls = async (reading: Reading): Promise<PlannedControls> => {
  const { context, cycle, candidate } = reading;
  const { sealed, definition } = context.shadow;
  const seed = shadowSeed({ run: context.config.run, cycle, candidate, seedCommitment: sealed.seedCommitment });
  const items = drawControlItems(definition, seed, context.config.evaluation.controlBlocks);
  const samples = {
    candidate: await sampleOf(reading, 'candidate', ['gate', 'shadow']),
    champion: await sampleOf(reading, 'champion', ['shadow']),
  };
  return { runs: controlRuns(items, samples, seed), chance: items.honeypotChance, samples, suite: sealed.suite };
};

/** What an event of controls says that follows from the items and from their results. */
export const figuresOfControls = (
  { runs, chance, samples }: PlannedControls,
  { items }: ItemResults,
): Pick<DataOf<'ControlsChecked'>, 'itemsDigest' | 'controls'> => {
  let next = 0;
  const outcomes = runs.map(({ sequences }) => items.slice(next, (next += decodeSequences(sequences).length)));
  return {
    itemsDigest: sha256(...runs.map(({ sequences }) => sequences)),
    controls: controlFigures(runs, outcomes, chance, samples).map((figure) => ({ ...figure })),
  };
};

const joined = (all: readonly Evaluated[]): Evaluated => ({
  nllNats: Float64Array.from(all.flatMap(({ nllNats }) => [...nllNats])),
  scored: Uint32Array.from(all.flatMap(({ scored }) => [...scored])),
  correct: Uint32Array.from(all.flatMap(({ correct }) => [...correct])),
});

/** Shows the primary evaluator what a sound one answers in a known way. */
export const control = async (ports: LoopPorts, context: RunContext, run: Started, cycle: number): Promise<void> => {
  const { artifacts } = ports;
  const hash = candidateIn(cycleOf(run, cycle)) ?? '';
  const planned = await planControls({ artifacts, context, run, cycle, candidate: hash });
  const champion = await artifacts.get(run.champion ?? '');
  // Of the champion's shape, since a candidate may come in any, and is to be judged even so.
  const models: Readonly<Record<ControlModel, Uint8Array>> = {
    echo: echoModel(champion),
    uniform: uniformModel(champion),
    candidate: await artifacts.get(hash),
    champion,
  };
  const primary = guarded(ports, ports.primary);
  const found: Evaluated[] = [];
  for (const { model, sequences } of planned.runs) found.push(await primary.evaluate(models[model], sequences));
  const results = itemResults(planned.suite, primary.name, controlIds(planned.runs), joined(found));
  const data = {
    cycle,
    checkpoint: hash,
    evaluator: primary.name,
    ...figuresOfControls(planned, results),
    results: await artifacts.put(encodeResults(results)),
    env: { build: primary.build },
  };
  await decide(ports.ledger, runStream, context.config.run, checkControls(data), {
    actor: evaluatorActor(primary.name),
  });
};
