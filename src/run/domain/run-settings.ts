import { aggressive, conservative } from '#constitution/domain/regime.js';
import type { RunConfig } from './config.js';
import type { RunFile } from './run-file.js';

type RegimeInput = Exclude<RunFile['regime'], readonly unknown[]>;
const NAMED_REGIMES = { conservative, aggressive };

const MODEL: RunConfig['model'] = {
  vocab: 256,
  dModel: 64,
  layers: 2,
  dState: 64,
  headDim: 64,
  expand: 2,
  convWidth: 4,
  chunk: 64,
};

const EVALUATION: RunConfig['evaluation'] = {
  blocks: 160,
  documents: 150,
  shadowEvery: 10,
  referenceItems: 8,
  controlBlocks: 8,
  calibrationDocuments: 150,
};

const regimesOf = (regime: RunFile['regime']): RunConfig['regimes'] => {
  const named = (input: RegimeInput): RunConfig['regimes'][number]['regime'] =>
    typeof input === 'string' ? NAMED_REGIMES[input] : input;
  return Array.isArray(regime)
    ? regime.map((entry) => ({ fromCycle: entry.fromCycle, regime: named(entry.regime) }))
    : [{ fromCycle: 1, regime: named(regime) }];
};

const defined = <T extends object>(given: T): Partial<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;

type CompleteFile = Omit<RunFile, 'model' | 'evaluation'> & Pick<RunConfig, 'model' | 'evaluation'>;

/** The file with the shape and the evaluation of this build where it says nothing of them. */
const complete = (file: RunFile): CompleteFile => ({
  ...file,
  model: { ...MODEL, ...defined(file.model) } as RunConfig['model'],
  evaluation: { ...EVALUATION, ...defined(file.evaluation) } as RunConfig['evaluation'],
});

/**
 * A file that says all there is to say, for a build with other defaults to find the same settings in it. Weights that it
 * begins from bring their own shape.
 */
export const spelledOut = (file: RunFile): RunFile => {
  const { regime } = file;
  const regimes = regimesOf(regime);
  return {
    ...complete(file),
    ...('checkpoint' in file.base && { model: file.model }),
    regime: Array.isArray(regime) ? regimes : (regimes[0]?.regime ?? regime),
  };
};

/** What the file comes to once everything it leaves out is filled in. Suites are the run's own, under its name. */
export const runConfig = (
  given: RunFile,
  bound: Readonly<{ constitution: RunConfig['constitution']; checkpoint?: string; parent: RunConfig['parent'] }>,
): RunConfig => {
  const file = complete(given);
  return {
    run: file.run,
    arm: file.arm,
    seed: file.seed,
    cycles: file.cycles,
    contract: 'nc-1',
    model: file.model,
    sequence: file.sequence,
    base:
      bound.checkpoint === undefined && !('checkpoint' in file.base)
        ? { kind: 'train', ...file.base }
        : { kind: 'checkpoint', checkpoint: bound.checkpoint ?? '' },
    general: file.general,
    texts: file.texts,
    targets: [...file.targets],
    distractors: [...file.distractors],
    policy: file.policy,
    trainers: file.trainers,
    regimes: regimesOf(file.regime),
    constitution: bound.constitution,
    rescue: file.constitution.rescue,
    stall: file.constitution.stall,
    ...(file.constitution.onDrift && { onDrift: file.constitution.onDrift }),
    suites: {
      scout: `${file.run}-scout`,
      gate: `${file.run}-gate`,
      shadow: `${file.run}-shadow`,
      report: `${file.run}-report`,
    },
    evaluation: file.evaluation,
    memory: file.memory,
    parent: bound.parent,
  };
};
