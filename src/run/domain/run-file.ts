import { z } from 'zod';
import { constitutionInputSchema } from '#constitution/domain/document.js';
import { regimeSchema } from '#constitution/domain/regime.js';
import { originSchema } from '#corpus/domain/events.js';
import { FAMILY_NAMES, familiesOf, targetsOf } from '#corpus/domain/families.js';
import { memoryInput } from '#memory/domain/settings.js';
import { countSchema, nameSchema } from '#ledger/schema.js';
import { cyclesSchema, evaluationSchema, MODEL, modelSchema, policySchema, trainersSchema } from './config.js';
import { regimesOf } from './regimes.js';

/** Families that count towards capability by default; the last one cannot be learnt by this model at any length. */
export const UNLEARNABLE = 'unlearnable';
export const TARGETS = targetsOf(familiesOf('')).map(({ name }) => name);

const regimeInput = z.union([z.enum(['conservative', 'aggressive']), regimeSchema]);

/** Text of the installed packages: the same bytes on every platform. */
const PACKAGED = ['english', 'javascript', 'typescript', 'json', 'c'] as const;

const corpusInput = z.union([
  z.strictObject({ package: z.enum(PACKAGED) }),
  /** As the log has it: what a package or a file says today does not matter. */
  z.strictObject({ registered: nameSchema }),
  z.strictObject({
    path: z.string().min(1),
    licence: z.string().min(1).default('not stated'),
    /** People, or the model of these weights: of such text the constitution allows a share only. */
    origin: z.union([z.literal('human').transform((kind) => ({ kind })), originSchema]).prefault('human'),
  }),
]);
export type CorpusInput = z.output<typeof corpusInput>;

const baseInput = z.union([
  z.strictObject({
    steps: z.int().min(1).max(1_000_000).default(600),
    batch: z.int().min(1).max(256).default(16),
    learningRate: z.number().positive().max(0.05).default(0.003),
    taskPpm: z.int().min(0).max(1_000_000).default(250_000),
  }),
  z.strictObject({ checkpoint: z.string().min(1) }),
]);

/** Names of what is learnt must tell domains apart: the allocation, the suites and the log know a domain by its name. */
const clashes = (file: DomainNames): readonly Readonly<{ path: (string | number)[]; message: string }>[] => {
  const fields = ['targets', 'distractors', 'texts'] as const;
  const named = fields.flatMap((field) => file[field].map((name, at) => ({ name, path: [field, at] })));
  const twice = named
    .filter(({ name }, at) => named.findIndex((other) => other.name === name) < at)
    .map(({ name, path }) => ({ path, message: `"${name}" is named twice among targets, distractors and texts` }));
  const families = Object.keys(file.corpora)
    .filter((name) => FAMILY_NAMES.includes(name))
    .map((name) => ({
      path: ['corpora', name],
      message: `"${name}" is a family of tasks; give the corpus another name`,
    }));
  return [...twice, ...families];
};
type DomainNames = Readonly<Record<'targets' | 'distractors' | 'texts', readonly string[]> & { corpora: object }>;

const inOrder = (entries: readonly Readonly<{ fromCycle: number }>[]): boolean =>
  entries.every(({ fromCycle }, at) => (at === 0 ? fromCycle === 1 : fromCycle > (entries[at - 1]?.fromCycle ?? 0)));

/** A new run has control probes, a third evaluator and calibration; only runs from before there were any go without. */
const evaluationInput = evaluationSchema.extend({
  referenceItems: z.int().min(1).max(1000),
  controlBlocks: z.int().min(1).max(100),
  calibrationDocuments: z.int().min(10).max(5000),
});

type Complaint = Readonly<{ path: (string | number)[]; message: string }>;

/** A trainer would refuse it when the run has its name already. Weights that are given bring their own shape. */
const wrongHeads = ({ model, base }: Pick<RunFile, 'model' | 'base'>): readonly Complaint[] => {
  const { expand = MODEL.expand, dModel = MODEL.dModel, headDim = MODEL.headDim } = model;
  if ('checkpoint' in base || (expand * dModel) % headDim === 0) return [];
  return [{ path: ['model', 'headDim'], message: `must divide expand x dModel, ${expand * dModel}; it is ${headDim}` }];
};

/** What is remembered has a share of what is replayed: a memory of which nothing is ever shown again is none. */
const idleMemory = ({ memory, regime }: Pick<RunFile, 'memory' | 'regime'>): readonly Complaint[] => {
  const replays = regimesOf(regime).some((entry) => entry.regime.replayPpm > 0);
  if (memory.episodic === null || replays) return [];
  const message = 'shows nothing again, since no regime of the run replays; give one a replayPpm, or leave it out';
  return [{ path: ['memory', 'episodic'], message }];
};

/** A run as registrations of any age have it; what a new file may not say together comes on top. */
export const recordedFileSchema = z
  .strictObject({
    /** Its suites are called after it, as `<run>-shadow`, and their names are as short as all names. */
    run: nameSchema.max(56, 'must be at most 56 characters, since its suites are called after it'),
    arm: nameSchema.default('main'),
    seed: countSchema.default(1),
    cycles: cyclesSchema.default(10),
    model: modelSchema.partial().default({}),
    sequence: z.int().min(64).max(4096).multipleOf(64).default(128),
    base: baseInput.prefault({}),
    corpora: z.record(nameSchema, corpusInput).default({ english: { package: 'english' } }),
    general: nameSchema.default('english'),
    texts: z.array(nameSchema).default([]),
    targets: z
      .array(z.enum(FAMILY_NAMES as [string, ...string[]]))
      .min(1)
      .default([...TARGETS]),
    distractors: z.array(z.enum(FAMILY_NAMES as [string, ...string[]])).default([UNLEARNABLE]),
    policy: policySchema.default('uniform'),
    trainers: trainersSchema.default('contract'),
    /** One regime for all cycles, or a list of regimes with the cycle each begins at. */
    regime: z
      .union([
        regimeInput,
        z
          .array(z.strictObject({ fromCycle: z.int().positive(), regime: regimeInput }))
          .min(1)
          .refine(inOrder, { message: 'the first fromCycle must be 1, and each must be above the one before it' }),
      ])
      .default('conservative'),
    constitution: constitutionInputSchema.prefault({}),
    evaluation: evaluationInput.partial().default({}),
    memory: memoryInput.prefault({}),
    parent: nameSchema.optional(),
  })
  .superRefine((file, context) => {
    for (const clash of clashes(file)) context.addIssue({ code: 'custom', ...clash });
  });
export type RunFile = z.output<typeof recordedFileSchema>;

/** A run as a person writes it, in YAML or JSON: everything but the name has a default. */
export const runFileSchema = recordedFileSchema.superRefine((file, context) => {
  for (const complaint of [...wrongHeads(file), ...idleMemory(file)])
    context.addIssue({ code: 'custom', ...complaint });
});
export type RunFileInput = z.input<typeof runFileSchema>;
