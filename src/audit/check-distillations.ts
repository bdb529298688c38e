import { loadCorpus } from '#corpus/register-corpus.js';
import { composeInputs, digestsOf } from '#distillation/compose.js';
import { checkedConfigSchema, NONE } from '#distillation/domain/config.js';
import {
  decisionBehind,
  distillationStream,
  type Begun,
  type Distillation,
} from '#distillation/domain/distillation.js';
import type { DataOf, DistillationEvent } from '#distillation/domain/events.js';
import { studentPlan, teacherPlan } from '#distillation/domain/plans.js';
import { MalformedTraces, shuffleTraces, traceSources } from '#distillation/domain/pltr.js';
import { distancesOf, figuresOfReceipt } from '#distillation/domain/receipt-figures.js';
import { alignmentFrom, figuresFrom } from '#distillation/measure.js';
import { MalformedResults } from '#evaluation/domain/item-results.js';
import { ArtifactGone } from '#ledger/artifacts.js';
import { Refused } from '#ledger/decider.js';
import { sha256 } from '#ledger/digest.js';
import { decode } from '#ledger/ledger.js';
import { canonicalJson, type Record } from '#ledger/record.js';
import type { JudgingPorts } from '#loop/loop-ports.js';
import type { ItemSet } from '#suite/domain/items.js';
import type { Plan } from '#trainer/domain/plan.js';
import { receiptSchema, type Receipt } from '#trainer/domain/receipt.js';
import type { Unlawful } from './domain/finding.js';

export type DistillationsChecked = Readonly<{
  checked: number;
  unlawful: readonly Unlawful[];
  /** What cannot be checked again since it was erased. */
  erased: readonly Readonly<{ run: string; message: string }>[];
}>;

/** Told of each; which of them, by their streams, and without it all. */
type Options = Readonly<{ onRun?: (run: string) => void; streams?: ReadonlySet<string> }>;

type Ports = Pick<JudgingPorts, 'ledger' | 'artifacts'>;
type Fields = Readonly<{ [field: string]: unknown }>;

const digestOf = (plan: Plan): string => sha256(new TextEncoder().encode(canonicalJson(plan)));

/** A receipt that is not what the event says, or of another plan. */
const receiptOf = async (
  { artifacts }: Ports,
  plan: Plan,
  { receipt, candidate }: Readonly<{ receipt: string; candidate: string }>,
): Promise<Receipt> => {
  const read: unknown = JSON.parse(new TextDecoder().decode(await artifacts.get(receipt)));
  const parsed = receiptSchema.safeParse(read);
  if (!parsed.success) throw new Refused('its receipt is none');
  const hash = digestOf(plan);
  if (parsed.data.plan !== hash)
    throw new Refused(`its receipt is of plan ${parsed.data.plan}; the settings give ${hash}`);
  if (parsed.data.candidate !== candidate) throw new Refused(`its receipt is of ${parsed.data.candidate}`);
  return parsed.data;
};

/** One distillation decided again: every field that follows from what stands before it or from artifacts. */
class Checking {
  private items: ItemSet | undefined;
  /** What the items were to be drawn from was erased: nothing that was examined on them can be checked. */
  private gone: ArtifactGone | undefined;

  constructor(private readonly ports: Ports) {}

  async fieldsOf(event: DistillationEvent, before: Distillation): Promise<Fields> {
    if (event.type === 'DistillationStarted') return this.ofStart(event.data);
    if (before.status === 'absent') return {};
    switch (event.type) {
      case 'TracesCaptured':
        return this.ofTeacher(before, event.data);
      case 'StudentTrained':
        return this.ofStudent(before, event.data);
      case 'TrainingAborted':
        return this.ofAborted(before, event.data);
      case 'AlignmentMeasured':
        return this.ofAlignment(before, event.data);
      case 'TransferConcluded':
        return this.ofTransfer(before, event.data);
    }
  }

  private async ofStart({ config }: DataOf<'DistillationStarted'>): Promise<Fields> {
    const parsed = checkedConfigSchema.safeParse(config);
    if (!parsed.success)
      throw new Refused(`its settings do not fit together: ${parsed.error.issues[0]?.message ?? ''}`);
    const { ledger, artifacts } = this.ports;
    const corpus = await loadCorpus(ledger.log, artifacts, config.general).catch((error: unknown) => {
      if (error instanceof ArtifactGone) this.gone = error;
      throw error;
    });
    const composed = composeInputs(config, corpus);
    this.items = composed.items;
    return digestsOf(composed);
  }

  private async ofTeacher({ config, inputs }: Begun, data: DataOf<'TracesCaptured'>): Promise<Fields> {
    const plan = teacherPlan(config, inputs.teacherBatches);
    const receipt = await receiptOf(this.ports, plan, { receipt: data.receipt, candidate: data.teacher });
    const { downstream } = await this.figures(config, data.downstream.results, null);
    return { plan: receipt.plan, ...figuresOfReceipt(receipt), downstream };
  }

  /**
   * The large traces follow from no plan and no receipt: they must be of this teacher and of these sequences, and the control's
   * those that the seed makes of them. Asked last, so that the rest is checked where they were erased.
   */
  async ofTraces(event: DistillationEvent, before: Distillation): Promise<Fields> {
    if (event.type !== 'TracesCaptured' || before.status === 'absent') return {};
    const { teacher, traces, shuffled, alignmentTraces } = event.data;
    const { config, inputs } = before;
    await this.tracesOf(alignmentTraces, { model: teacher, sequences: inputs.alignment });
    const bytes = await this.tracesOf(traces, { model: teacher, sequences: inputs.traced });
    return shuffled === null ? {} : { shuffled: sha256(shuffleTraces(bytes, String(config.seed))) };
  }

  private async tracesOf(hash: string, wanted: ReturnType<typeof traceSources>): Promise<Uint8Array> {
    const bytes = await this.ports.artifacts.get(hash);
    if (canonicalJson(traceSources(bytes)) !== canonicalJson(wanted))
      throw new Refused(`traces ${hash} are of another model or of other sequences`);
    return bytes;
  }

  private planOf({ config, inputs, teacher }: Begun, name: string): Plan | undefined {
    const arm = config.arms.find((one) => one.arm === name);
    if (!arm || !teacher) return undefined;
    const { traces, shuffled } = teacher;
    return studentPlan(config, arm, { batches: inputs.studentBatches, traces, shuffled });
  }

  private async ofStudent(begun: Begun, data: DataOf<'StudentTrained'>): Promise<Fields> {
    const plan = this.planOf(begun, data.arm);
    if (!plan) return {};
    const receipt = await receiptOf(this.ports, plan, { receipt: data.receipt, candidate: data.student });
    const { initial } = receipt;
    return { plan: receipt.plan, initial, ...figuresOfReceipt(receipt), distances: distancesOf(receipt) };
  }

  /** That it ends there is for a replay to show. */
  private ofAborted(begun: Begun, { arm }: DataOf<'TrainingAborted'>): Fields {
    const plan = arm === null ? teacherPlan(begun.config, begun.inputs.teacherBatches) : this.planOf(begun, arm);
    return plan ? { plan: digestOf(plan) } : {};
  }

  private async ofAlignment(
    { config, inputs, teacher }: Begun,
    { student, traces }: DataOf<'AlignmentMeasured'>,
  ): Promise<Fields> {
    if (!teacher) return {};
    const sequences = inputs.alignment;
    return alignmentFrom(config, {
      teacher: await this.tracesOf(teacher.alignmentTraces, { model: teacher.teacher, sequences }),
      student: await this.tracesOf(traces, { model: student, sequences }),
    });
  }

  private ofTransfer({ config, students }: Begun, data: DataOf<'TransferConcluded'>): Promise<Fields> {
    const none = data.against === null ? undefined : students[NONE]?.transfer;
    return this.figures(config, data.downstream.results, none?.downstream.results ?? null);
  }

  private figures(
    config: Begun['config'],
    results: string,
    against: string | null,
  ): Promise<Pick<DataOf<'TransferConcluded'>, 'downstream' | 'comparisons'>> {
    if (this.gone) throw this.gone;
    if (!this.items) throw new Refused('what it was examined on was not drawn');
    return figuresFrom(this.ports.artifacts, config, this.items, { results, against });
  }
}

const otherIn = ({ data }: DistillationEvent, again: Fields): string | undefined =>
  Object.keys(again).find((field) => canonicalJson(again[field]) !== canonicalJson((data as Fields)[field]));

/** Why no rule would have written the event; undefined when one does. */
const wrongIn = async (
  checking: Checking,
  event: DistillationEvent,
  before: Distillation,
): Promise<string | undefined> => {
  try {
    decisionBehind(event)(before);
    const other =
      otherIn(event, await checking.fieldsOf(event, before)) ?? otherIn(event, await checking.ofTraces(event, before));
    return other === undefined ? undefined : `the rules write it otherwise, in ${other}`;
  } catch (error) {
    if ([Refused, MalformedResults, MalformedTraces].some((kind) => error instanceof kind))
      return (error as Error).message;
    throw error;
  }
};

const checkOne = async (ports: Ports, id: string, records: readonly Record[]): Promise<DistillationsChecked> => {
  const checking = new Checking(ports);
  const [unlawful, erased]: [Unlawful[], { run: string; message: string }[]] = [[], []];
  let state = distillationStream.initial;
  for (const record of records) {
    const { stream, revision, type } = record;
    const event = decode(distillationStream.events, record);
    const named = event.type !== 'DistillationStarted' || event.data.config.distillation === id;
    const wrong = named ? wrongIn(checking, event, state) : Promise.resolve(`it is of another distillation than ${id}`);
    const because = await wrong.catch((error: unknown) => {
      if (!(error instanceof ArtifactGone)) return (error as Error).message;
      erased.push({ run: id, message: `${type}: ${error.message}` });
      return undefined;
    });
    if (because !== undefined) unlawful.push({ stream, revision, type, because });
    state = distillationStream.evolve(state, event);
  }
  return { checked: records.length, unlawful, erased };
};

/**
 * Decides every event of every distillation again: what was drawn for it, the plans, what receipts say, alignment from the
 * recorded hidden states, transfer from the results of every item. That weights, traces and results are what the trainer
 * gives is for a replay to show. Reads only.
 */
export const checkDistillations = async (
  ports: Ports,
  { onRun, streams: only }: Options = {},
): Promise<DistillationsChecked> => {
  const streams = new Map<string, Record[]>();
  const prefix = `${distillationStream.name}-`;
  for await (const { record } of ports.ledger.log.readAll({ streamPrefix: prefix }))
    streams.set(record.stream, [...(streams.get(record.stream) ?? []), record]);
  const found: DistillationsChecked[] = [];
  for (const [stream, records] of streams) {
    const id = stream.slice(prefix.length);
    if (only && !only.has(stream)) continue;
    onRun?.(id);
    found.push(await checkOne(ports, id, records));
  }
  return {
    checked: found.reduce((sum, { checked }) => sum + checked, 0),
    unlawful: found.flatMap(({ unlawful }) => unlawful),
    erased: found.flatMap(({ erased }) => erased),
  };
};
