import { Rng } from '#corpus/domain/random.js';
import { basePlan, type Plan } from '#trainer/domain/plan.js';
import type { Arm, DistillationConfig } from './config.js';

/** The trainer takes exact binary32 only. */
const f32 = Math.fround;

const wordOf = (seed: number, purpose: string): number => Rng.from(String(seed), purpose).next();

export const teacherPlan = ({ contract, seed, teacher }: DistillationConfig, batches: string): Plan =>
  basePlan({ contract, seed, model: teacher.model, base: { kind: 'train', ...teacher.training } }, batches);

/** What a student of one seed learns from: the same batches for each; traces for those that are taught. */
export type Lessons = Readonly<{ batches: string; traces: string; shuffled: string | null }>;

/** One arm's training. Initial weights, sequences and their order are those of every arm of the seed. */
export const studentPlan = (config: DistillationConfig, arm: Arm, lessons: Lessons): Plan => {
  const { contract, seed, student, teacher, layers } = config;
  const base = { kind: 'train' as const, ...student.training, taskPpm: config.traces.taskPpm };
  const plan = basePlan({ contract, seed: wordOf(seed, 'student'), model: student.model, base }, lessons.batches);
  const { logits, hidden, taskWeight, shuffled } = arm;
  if (logits === null && hidden === null) return plan;
  const traces = shuffled ? lessons.shuffled : lessons.traces;
  if (traces === null) throw new RangeError(`arm ${arm.arm}: there are no shuffled traces`);
  const sketched = hidden !== null && teacher.model.dModel !== student.model.dModel;
  return {
    ...plan,
    distillation: {
      traces,
      taskWeight: f32(taskWeight),
      logits: logits && { weight: f32(logits.weight), temperature: f32(logits.temperature) },
      hidden: hidden === null ? [] : [{ ...layers, weight: f32(hidden) }],
      projection: sketched ? { seed: String(wordOf(seed, 'projection')) } : null,
    },
  };
};
