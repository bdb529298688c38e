import { z } from 'zod';
import { FAMILY_NAMES } from '#corpus/domain/families.js';
import { countSchema, nameSchema } from '#ledger/schema.js';
import { modelSchema } from '#run/domain/config.js';
import { traceRecordBytes } from './pltr.js';

/** The arm that all others are held against: the student without a teacher. */
export const NONE = 'none';

const layerSchema = z.int().min(0).max(63);
/** What is much smaller is nothing in binary32, which the trainer counts in. */
const LEAST_WEIGHT = 1e-6;
const weightSchema = z.number().min(LEAST_WEIGHT).max(100);
const ppmSchema = z.int().min(0).max(1_000_000);

/** How a student is taught. Without logits and hidden states it is taught by nobody. */
export const treatmentSchema = z.strictObject({
  /** Weight of the loss on the next byte. */
  taskWeight: z
    .number()
    .min(0)
    .max(100)
    .refine((weight) => weight === 0 || weight >= LEAST_WEIGHT, `must be 0, or at least ${LEAST_WEIGHT}`)
    .default(1),
  /** Divergence from the teacher's softened distribution. */
  logits: z
    .strictObject({ weight: weightSchema, temperature: z.number().min(0.0625).max(64) })
    .nullable()
    .default(null),
  /** Weight of the squared distance from the teacher's hidden states. */
  hidden: weightSchema.nullable().default(null),
  /** A control: the same traces, each of another sequence. */
  shuffled: z.boolean().default(false),
});
export type Treatment = Readonly<z.output<typeof treatmentSchema>>;

const armSchema = treatmentSchema.extend({ arm: nameSchema.max(24) });
export type Arm = Readonly<z.output<typeof armSchema>>;

/** A model as a person writes it: what is left out is as in a run. */
const { shape: model } = modelSchema;
const modelInput = z.strictObject({
  vocab: model.vocab.default(256),
  dModel: model.dModel.default(64),
  layers: model.layers.default(2),
  dState: model.dState.default(64),
  headDim: model.headDim.default(64),
  expand: model.expand.default(2),
  convWidth: model.convWidth.default(4),
  chunk: model.chunk.default(64),
});

const trainingSchema = z.strictObject({
  steps: z.int().min(1).max(1_000_000),
  batch: z.int().min(1).max(256),
  learningRate: z.number().positive().max(0.05),
});

/** Everything that teacher, students and their examination are. */
export const settingShape = z.strictObject({
  /** Tokens of every sequence. */
  sequence: z.int().min(64).max(1024).multipleOf(64).default(128),
  /** Corpus that teacher and students read, and whose held-out documents general quality is measured on. */
  general: nameSchema.default('english'),
  /** Task families that are learnt and examined. */
  families: z
    .array(z.enum(FAMILY_NAMES as [string, ...string[]]))
    .min(1)
    .default(['recall', 'selective-copy']),
  teacher: z.strictObject({
    model: modelInput.extend({ attention: z.array(layerSchema).min(1) }),
    training: trainingSchema.extend({ taskPpm: ppmSchema.default(750_000) }),
  }),
  student: z.strictObject({ model: modelInput.prefault({}), training: trainingSchema }),
  traces: z.strictObject({
    /** Sequences that the teacher is traced on; students read them again and again, the same for every arm. */
    sequences: z.int().min(2).max(65_536),
    taskPpm: ppmSchema.default(750_000),
    /** So many of the most likely bytes are kept with their logits. */
    logits: z.int().min(1).max(256).default(16),
  }),
  /** The layers whose hidden states are taught and compared. */
  layers: z.strictObject({ teacher: layerSchema, student: layerSchema }),
  evaluation: z
    .strictObject({
      /** Sequences of each family whose last answer is asked for. */
      items: z.int().min(10).max(5_000).default(400),
      /** Held-out documents of the general corpus. */
      documents: z.int().min(10).max(5_000).default(100),
      /** Held-out sequences of each domain that alignment is measured on: half of them fit the map, the others judge it. */
      alignment: z.int().min(4).max(1_000).multipleOf(2).default(32),
      /** Smallest differences of interest between two students: points of exact answers, percent of bits per byte. */
      sesoiPoints: z.number().positive().max(100).default(5),
      sesoiPercent: z.number().positive().max(100).default(1),
      /** Chance of an error over everything that is said of one seed's students. */
      alpha: z.number().positive().max(0.5).default(0.05),
    })
    .prefault({}),
});
export type Setting = Readonly<z.output<typeof settingShape>>;

/** A distillation with its seed, as the log has it. */
export const configSchema = settingShape.extend({
  distillation: nameSchema.max(50),
  seed: countSchema,
  contract: z.literal('nc-1'),
  arms: z.array(armSchema).min(2).max(12),
});
export type DistillationConfig = Readonly<z.output<typeof configSchema>>;

export type Complaint = Readonly<{ path: (string | number)[]; message: string }>;

const isTaught = ({ logits, hidden }: Treatment): boolean => logits !== null || hidden !== null;

const wrongArms = (arms: readonly Arm[]): readonly Complaint[] => {
  const found: Complaint[] = [];
  const complain = (at: number, field: string, message: string): void =>
    void found.push({ path: ['arms', at, field], message });
  arms.forEach((arm, at) => {
    if (arms.findIndex((other) => other.arm === arm.arm) < at) complain(at, 'arm', `"${arm.arm}" is used twice`);
    if (at === 0) {
      if (arm.arm !== NONE) complain(at, 'arm', `the first arm is "${NONE}", which the others are held against`);
      const plain = !isTaught(arm) && arm.taskWeight === 1 && !arm.shuffled;
      if (!plain) complain(at, 'arm', 'nobody teaches it; leave out taskWeight, logits, hidden and shuffled');
    } else if (!isTaught(arm)) complain(at, 'arm', 'is taught by nothing; logits, hidden or both are needed');
  });
  return found;
};

/** What an examination cannot hold out, or nobody can learn. */
const UNEXAMINED: Readonly<Record<string, string>> = {
  memorise: 'asks again for the table that was learnt, and so has nothing to be examined on',
  unlearnable: 'cannot be learnt, and so has nothing that a teacher could pass on',
};

const wrongFamilies = (families: readonly string[]): readonly Complaint[] =>
  families.flatMap((family, at): readonly Complaint[] => {
    const why = UNEXAMINED[family];
    if (why !== undefined) return [{ path: ['families', at], message: `"${family}" ${why}` }];
    return families.indexOf(family) < at ? [{ path: ['families', at], message: `"${family}" is named twice` }] : [];
  });

const wrongHeads = ({ teacher, student }: Setting): readonly Complaint[] =>
  Object.entries({ teacher, student }).flatMap(([who, { model: shape }]): readonly Complaint[] => {
    const inner = shape.expand * shape.dModel;
    const path = [who, 'model', 'headDim'];
    if (inner % shape.headDim !== 0) return [{ path, message: `must divide expand x dModel, ${inner}` }];
    const attends = 'attention' in shape && shape.dModel % shape.headDim !== 0;
    return attends ? [{ path, message: `must divide dModel, ${shape.dModel}` }] : [];
  });

/** The most bytes that a process can be expected to hold of a teacher's traces at once. */
const MOST_TRACE_BYTES = 2 ** 31;

const wrongTraces = ({ sequence, teacher, traces }: Setting): readonly Complaint[] => {
  const { sequences, logits } = traces;
  const bytes = sequences * traceRecordBytes({ length: sequence, logits, width: teacher.model.dModel, layers: 1 });
  if (bytes <= MOST_TRACE_BYTES) return [];
  const message = `${sequences} of ${sequence} tokens make traces of ${bytes} bytes; at most ${MOST_TRACE_BYTES} can be held`;
  return [{ path: ['traces', 'sequences'], message }];
};

/** What fields say together that they must not. */
export const complaintsOf = (config: Setting & Readonly<{ arms: readonly Arm[] }>): readonly Complaint[] => {
  const { teacher, student, layers, families } = config;
  const found: Complaint[] = [
    ...wrongArms(config.arms),
    ...wrongHeads(config),
    ...wrongTraces(config),
    ...wrongFamilies(families),
  ];
  const { attention } = teacher.model;
  const ascending = attention.every((layer, at) => at === 0 || layer > (attention[at - 1] ?? 0));
  const inside = attention.every((layer) => layer < teacher.model.layers) && attention.length < teacher.model.layers;
  if (!ascending || !inside)
    found.push({
      path: ['teacher', 'model', 'attention'],
      message: `must name layers from 0 to ${teacher.model.layers - 1}, ascending, and leave one to Mamba-2`,
    });
  for (const [who, { model }] of Object.entries({ teacher, student }))
    if (layers[who as keyof typeof layers] >= model.layers)
      found.push({ path: ['layers', who], message: `the ${who} has layers 0 to ${model.layers - 1}` });
  return found;
};

/** A distillation whose fields also fit together. */
export const checkedConfigSchema = configSchema.superRefine((config, context) => {
  for (const complaint of complaintsOf(config)) context.addIssue({ code: 'custom', ...complaint });
});
