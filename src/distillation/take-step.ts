import type { Corpus } from '#corpus/domain/corpus.js';
import { loadCorpus } from '#corpus/register-corpus.js';
import { evaluatorActor, service, trainerActor } from '#doors/actors.js';
import { encodeResults, itemResults } from '#evaluation/domain/item-results.js';
import { Refused } from '#ledger/decider.js';
import { decide } from '#ledger/ledger.js';
import { canonicalJson, type Actor } from '#ledger/record.js';
import { sequenceIds, type ItemSet } from '#suite/domain/items.js';
import type { Plan } from '#trainer/domain/plan.js';
import type { Receipt } from '#trainer/domain/receipt.js';
import { IN_PROCESS } from '#trainer/train-natively.js';
import { UpdateFailed } from '#trainer/trainer.js';
import { composeInputs, digestsOf } from './compose.js';
import { NONE, type Arm } from './domain/config.js';
import {
  abortTraining,
  captureTraces,
  concludeTransfer,
  distillationStream,
  measureAlignment,
  trainStudent,
  type Begun,
  type DistillationDecision,
  type Step,
} from './domain/distillation.js';
import type { DataOf } from './domain/events.js';
import { distancesOf, figuresOfReceipt, type TrainingFigures } from './domain/receipt-figures.js';
import { studentPlan, teacherPlan } from './domain/plans.js';
import { shuffleTraces } from './domain/pltr.js';
import { alignmentFrom, figuresFrom } from './measure.js';
import type { DistillationPorts } from './ports.js';

/** What no event of a distillation changes: drawn once, and held against what the log says was drawn. */
export type Context = Readonly<{ ports: DistillationPorts; items: ItemSet; signal: AbortSignal | undefined }>;

/** @throws Refused when this build draws other sequences than the log has */
export const contextOf = async (
  ports: DistillationPorts,
  { config, inputs }: Begun,
  signal?: AbortSignal,
): Promise<Context> => {
  const corpus: Corpus = await loadCorpus(ports.ledger.log, ports.artifacts, config.general);
  const composed = composeInputs(config, corpus);
  const drawn = digestsOf(composed);
  const other = Object.entries(inputs).find(([name, hash]) => drawn[name as keyof typeof drawn] !== hash);
  if (other)
    throw new Refused(`distillation ${config.distillation}: its ${other[0]} are drawn otherwise by this build`);
  return { ports, items: composed.items, signal };
};

const write = ({ ports }: Context, { config }: Begun, decision: DistillationDecision, actor: Actor): Promise<unknown> =>
  decide(ports.ledger, distillationStream, config.distillation, decision, { actor });

type Trained = Readonly<{
  receipt: Receipt;
  shared: TrainingFigures & Pick<DataOf<'StudentTrained'>, 'plan' | 'receipt' | 'env'>;
}>;

/**
 * Undefined where a figure was not finite, which is then in the log. @param arm null: the teacher
 * @throws UpdateFailed for what another try may get past
 */
const carryOut = async (
  context: Context,
  begun: Begun,
  plan: Plan,
  arm: string | null,
): Promise<Trained | undefined> => {
  const { artifacts, teaching, listener } = context.ports;
  const hash = await artifacts.put(new TextEncoder().encode(canonicalJson(plan)));
  const whom = arm === null ? 'the teacher' : `student ${arm}`;
  const training = teaching.carryOut(plan, {
    artifacts,
    onProgress: ({ step, steps }) =>
      listener.working(begun.config.distillation, 0, `training ${whom}: step ${step} of ${steps}`),
    signals: [context.signal],
  });
  const trained = await training.catch(async (error: unknown) => {
    if (!(error instanceof UpdateFailed) || error.reason !== 'non-finite') throw error;
    const { reason, step, message } = error;
    const data = { arm, plan: hash, reason, step, message, env: teaching.facts() };
    await write(context, begun, abortTraining(data), trainerActor(IN_PROCESS));
    return undefined;
  });
  if (!trained) return undefined;
  if (!trained.receipt) throw new RangeError('the trainer of this process gives a receipt');
  const env = { ...teaching.facts(), elapsedMs: trained.elapsedMs };
  const { receipt, receiptHash } = trained;
  return { receipt, shared: { plan: hash, receipt: receiptHash, ...figuresOfReceipt(receipt), env } };
};

/** Results of every item of the examination, as an artifact. */
const examine = async ({ ports, items }: Context, { config }: Begun, checkpoint: string): Promise<string> => {
  const { artifacts, evaluator } = ports;
  const found = await evaluator.evaluate(await artifacts.get(checkpoint), items.sequences);
  return artifacts.put(
    encodeResults(itemResults(config.distillation, evaluator.name, sequenceIds(items.units), found)),
  );
};

const capture = async (context: Context, begun: Begun): Promise<void> => {
  const { ports, items } = context;
  const { artifacts, teaching, listener } = ports;
  const { config, inputs } = begun;
  const trained = await carryOut(context, begun, teacherPlan(config, inputs.teacherBatches), null);
  if (!trained) return;
  const { receipt, shared } = trained;
  const teacher = await artifacts.get(receipt.candidate);
  listener.working(config.distillation, 0, 'tracing the teacher');
  const hidden = [config.layers.teacher];
  const traces = await teaching.trace(teacher, await artifacts.get(inputs.traced), {
    logits: config.traces.logits,
    hidden,
  });
  const shuffling = config.arms.some(({ shuffled }) => shuffled);
  const onAlignment = await teaching.trace(teacher, await artifacts.get(inputs.alignment), { logits: 0, hidden });
  const results = await examine(context, begun, receipt.candidate);
  const { downstream } = await figuresFrom(artifacts, config, items, { results, against: null });
  const data = {
    teacher: receipt.candidate,
    ...shared,
    traces: await artifacts.put(traces),
    shuffled: shuffling ? await artifacts.put(shuffleTraces(traces, String(config.seed))) : null,
    alignmentTraces: await artifacts.put(onAlignment),
    downstream,
  };
  await write(context, begun, captureTraces(data), trainerActor(IN_PROCESS));
};

const teacherOf = ({ teacher, config }: Begun): DataOf<'TracesCaptured'> => {
  if (!teacher) throw new RangeError(`distillation ${config.distillation}: nothing was traced yet`);
  return teacher;
};

const studentOf = ({ students }: Begun, { arm }: Arm): string => {
  const trained = students[arm]?.trained;
  if (!trained) throw new RangeError(`arm ${arm}: there is no student yet`);
  return trained.student;
};

const train = async (context: Context, begun: Begun, arm: Arm): Promise<void> => {
  const { config, inputs } = begun;
  const { traces, shuffled } = teacherOf(begun);
  const plan = studentPlan(config, arm, { batches: inputs.studentBatches, traces, shuffled });
  const trained = await carryOut(context, begun, plan, arm.arm);
  if (!trained) return;
  const { receipt, shared } = trained;
  const { candidate: student, initial } = receipt;
  const data = { arm: arm.arm, student, initial, ...shared, distances: distancesOf(receipt) };
  await write(context, begun, trainStudent(data), trainerActor(IN_PROCESS));
};

const align = async (context: Context, begun: Begun, arm: Arm): Promise<void> => {
  const { artifacts, teaching } = context.ports;
  const { config, inputs } = begun;
  const student = studentOf(begun, arm);
  const traced = await teaching.trace(await artifacts.get(student), await artifacts.get(inputs.alignment), {
    logits: 0,
    hidden: [config.layers.student],
  });
  const teacher = await artifacts.get(teacherOf(begun).alignmentTraces);
  const figures = alignmentFrom(config, { teacher, student: traced });
  const data = { arm: arm.arm, student, traces: await artifacts.put(traced), ...figures };
  await write(context, begun, measureAlignment(data), service);
};

const transfer = async (context: Context, begun: Begun, arm: Arm): Promise<void> => {
  const { ports, items } = context;
  const student = studentOf(begun, arm);
  const results = await examine(context, begun, student);
  const none = arm.arm === NONE ? undefined : begun.students[NONE]?.transfer;
  const against = none?.downstream.results ?? null;
  const figures = await figuresFrom(ports.artifacts, begun.config, items, { results, against });
  const env = { build: ports.evaluator.build };
  const data = { arm: arm.arm, student, against: none ? NONE : null, ...figures, env };
  await write(context, begun, concludeTransfer(data), evaluatorActor(ports.evaluator.name));
};

const WORDS = { align: 'comparing hidden states with the teacher', transfer: 'examining what the student can do' };

/** Does one step; its event is in the log when this resolves. */
export const takeStep = async (context: Context, begun: Begun, step: Step): Promise<void> => {
  const { distillation } = begun.config;
  if (step.kind === 'align' || step.kind === 'transfer')
    context.ports.listener.working(distillation, 0, `student ${step.arm.arm}: ${WORDS[step.kind]}`);
  switch (step.kind) {
    case 'capture':
      return capture(context, begun);
    case 'train':
      return train(context, begun, step.arm);
    case 'align':
      return align(context, begun, step.arm);
    case 'transfer':
      return transfer(context, begun, step.arm);
    case 'rest':
  }
};
