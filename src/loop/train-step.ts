import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { service, trainerActor } from '#doors/actors.js';
import { decide } from '#ledger/ledger.js';
import { canonicalJson } from '#ledger/record.js';
import type { DataOf } from '#run/domain/events.js';
import type { RunDecision } from '#run/domain/deciding.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import {
  abortUpdate,
  opensTo,
  produceUpdate,
  recoverUpdate,
  requestUpdate,
  startUpdate,
} from '#run/domain/update-decisions.js';
import { basePlan, updatePlan, type Plan } from '#trainer/domain/plan.js';
import type { Receipt } from '#trainer/domain/receipt.js';
import { UpdateFailed, type Claimant, type Order, type Trained, type Training } from '#trainer/trainer.js';
import type { LoopPorts } from './loop-ports.js';
import type { RunContext } from './run-context.js';
import { composeBase } from './update-step.js';

/** What may end a step early (see {@link Training}), and who hears that a trainer has the update. */
export type Watch = Pick<Training, 'cancel' | 'closing'> &
  Readonly<{
    onClaimed?: () => void;
    /** An evaluator that gives no answer makes the step fail; else it voids the evaluation. */
    strict?: boolean;
  }>;

const planOf = async (ports: LoopPorts, context: RunContext, run: Started, cycle: number): Promise<Plan> => {
  if (cycle === 0) return basePlan(context.config, await ports.artifacts.put(composeBase(context)));
  const { proposal } = cycleOf(run, cycle);
  if (!proposal?.batches) throw new RangeError(`cycle ${cycle}: nothing was proposed to train on`);
  return updatePlan(context.config, proposal.regime, {
    champion: proposal.champion,
    anchor: run.lineage.anchor ?? run.anchor?.checkpoint ?? proposal.champion,
    batches: proposal.batches,
    general: proposal.general,
    sentinel: proposal.sentinel,
  });
};

type Figures = Omit<DataOf<'UpdateProduced'>, 'cycle' | 'candidate' | 'plan' | 'steps' | 'tokens' | 'env'>;

/** What the event of an update says that its receipt says. */
export const figuresOfReceipt = (receipt: Receipt, receiptHash: string): Figures => ({
  parent: receipt.initial,
  replayable: true,
  optimiser: receipt.optimiser,
  transcript: receipt.transcript,
  receipt: receiptHash,
  lossFirstNats: receipt.lossFirst,
  lossLastNats: receipt.lossLast,
  factor: receipt.factor,
  klToChampionNatsPerByte: receipt.trust?.klNatsPerByte ?? null,
  klToAnchorNatsPerByte: receipt.klAnchorMean,
  anchorRatio: receipt.anchorRatio,
  weightRatio: receipt.distance.initial,
});

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** What the service measures of an update that stands on its trainer's word: nothing of that trainer's goes in. */
const measured = async (ports: LoopPorts, run: Started, cycle: number, trained: Trained): Promise<Figures> => {
  const { artifacts, weights, primary } = ports;
  const { proposal } = cycleOf(run, cycle);
  if (!proposal?.batches) throw new RangeError(`cycle ${cycle}: only a proposed update can be measured`);
  const load = (hash: string): Promise<Uint8Array> => artifacts.get(hash);
  const [parent, candidate] = [await load(proposal.champion), await load(trained.candidate)];
  const sequences = decodeSequences(await load(proposal.batches));
  const { batch } = proposal.regime;
  const loss = async (checkpoint: Uint8Array, part: typeof sequences): Promise<number> => {
    const { nllNats, scored } = await primary.evaluate(checkpoint, encodeSequences(part));
    return sum(nllNats) / sum(scored);
  };
  const sentinel = await load(proposal.sentinel);
  const bytes = sum(decodeSequences(sentinel).map(({ tokens }) => tokens.length));
  const kl = async (from: Uint8Array): Promise<number> =>
    sum(await weights.divergence(from, candidate, sentinel)) / bytes;
  const anchor = run.lineage.anchor ?? run.anchor?.checkpoint ?? proposal.champion;
  const figures = {
    lossFirstNats: await loss(parent, sequences.slice(0, batch)),
    lossLastNats: await loss(candidate, sequences.slice(-batch)),
    klToChampionNatsPerByte: await kl(parent),
    klToAnchorNatsPerByte: await kl(await load(anchor)),
    weightRatio: weights.distance(parent, candidate).relative,
  };
  const wild = Object.entries(figures).find(([, value]) => !Number.isFinite(value));
  if (wild)
    throw new UpdateFailed('non-finite', null, `${wild[0]} of the candidate is ${wild[1]}, measured by the service`);
  const none = { optimiser: null, transcript: null, receipt: null, anchorRatio: null };
  return { parent: proposal.champion, replayable: false, factor: 1, ...none, ...figures };
};

/** Writes what becomes of one attempt, as it becomes it. */
class Attempt {
  private claimant: Claimant | null;

  constructor(
    private readonly ports: LoopPorts,
    private readonly run: Started,
    private readonly order: Order,
  ) {
    this.claimant = order.claimant;
  }

  async claimed(claimant: Claimant): Promise<void> {
    const { cycle, planHash, epoch } = this.order;
    await this.write(startUpdate({ cycle, plan: planHash, env: { attempt: epoch, ...claimant } }), claimant);
    this.claimant = claimant;
  }

  async trained(trained: Trained): Promise<void> {
    const { cycle, planHash, epoch } = this.order;
    const { claimant } = this;
    if (!claimant) throw new RangeError(`cycle ${cycle}: a result of an order that nobody took`);
    const { candidate, steps, tokens, elapsedMs } = trained;
    const figures = trained.receipt
      ? figuresOfReceipt(trained.receipt, trained.receiptHash)
      : await measured(this.ports, this.run, cycle, trained);
    const { backend, threads } = claimant;
    const env = { attempt: epoch, backend, threads, elapsedMs };
    await this.write(produceUpdate({ cycle, candidate, plan: planHash, steps, tokens, ...figures, env }), claimant);
  }

  async failed({ reason, step, message }: UpdateFailed): Promise<void> {
    const { cycle, epoch } = this.order;
    await this.write(abortUpdate({ cycle, reason, step, message, env: { attempt: epoch } }), this.claimant);
  }

  private async write(decision: RunDecision, claimant: Claimant | null): Promise<void> {
    const actor = claimant ? trainerActor(claimant.trainer) : service;
    await decide(this.ports.ledger, runStream, this.order.run, decision, { actor });
  }
}

/**
 * Intent, effect, result. An order that nobody had taken waits on after a restart, one that a trainer elsewhere has is left
 * to it, and an attempt that went down with this process is closed first: the same plan is then trained again.
 */
export const train = async (
  ports: LoopPorts,
  context: RunContext,
  run: Started,
  cycle: number,
  { cancel, closing, onClaimed }: Watch = {},
): Promise<void> => {
  const { ledger, trainer, listener, artifacts } = ports;
  const id = context.config.run;
  const { requested, started, interruptions } = cycleOf(run, cycle);
  const plan = await planOf(ports, context, run, cycle);
  const planHash = await artifacts.put(new TextEncoder().encode(canonicalJson(plan)));
  const { attempt: epoch, ...claimant } = started?.env ?? { attempt: requested?.env.attempt ?? interruptions + 1 };
  const order: Order = {
    run: id,
    cycle,
    epoch,
    plan,
    planHash,
    open: opensTo(run, cycle),
    claimant: 'trainer' in claimant ? claimant : null,
  };
  if (order.claimant && !trainer.adopts(order)) {
    await decide(ledger, runStream, id, recoverUpdate(cycle), { actor: service });
    return;
  }
  if (!requested) {
    const budgets = { steps: plan.steps, tokens: plan.steps * plan.batch * context.config.sequence };
    const data = { cycle, plan: planHash, budgets, env: { attempt: epoch } };
    await decide(ledger, runStream, id, requestUpdate(data), { actor: service });
  }
  if (order.claimant) onClaimed?.();
  const attempt = new Attempt(ports, run, order);
  try {
    await trainer.train(order, {
      artifacts,
      onClaimed: async (taker) => {
        await attempt.claimed(taker);
        onClaimed?.();
      },
      onTrained: (trained) => attempt.trained(trained),
      onProgress: (progress) => listener.training(id, cycle, progress),
      cancel,
      closing,
    });
  } catch (error) {
    if (!(error instanceof UpdateFailed)) throw error;
    await attempt.failed(error);
    // The same machine may fail again at once: when that is tried, whoever drives the run decides.
    if (error.reason === 'crash') throw error;
  }
};
