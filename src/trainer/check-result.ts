import type { Artifacts } from '#ledger/artifacts.js';
import { canonicalJson } from '#ledger/record.js';
import type { Plan } from './domain/plan.js';
import { receiptSchema, type Receipt } from './domain/receipt.js';
import { ResultRefused, type RefusalReason } from './result-refused.js';
import type { Checked, Order } from './trainer.js';
import type { Description, Weights } from './weights.js';

/** What a trainer says it made. A trainer of the contract names its receipt, any other its steps and tokens. */
export type Offered = Readonly<{ candidate: string; receipt: string | null; steps: number; tokens: number }>;
export type Checking = Readonly<{ artifacts: Artifacts; weights: Weights }>;

type Refuse = (reason: RefusalReason, message: string) => ResultRefused;

/** Bytes of PLSQ say the length of their sequences at this place. */
const LENGTH_AT = 12;

const describe = (weights: Weights, bytes: Uint8Array, refuse: Refuse): Description => {
  try {
    return weights.describe(bytes);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw refuse('wrong-model', `the candidate is no checkpoint: ${said}; send safetensors as docs/trainer.md says`);
  }
};

/** Same names and shapes as what it was to be trained from, and every weight finite. */
const checkModel = async (
  { artifacts, weights }: Checking,
  plan: Plan,
  candidate: Uint8Array,
  refuse: Refuse,
): Promise<void> => {
  const found = describe(weights, candidate, refuse);
  const from = 'checkpoint' in plan.initial ? await artifacts.get(plan.initial.checkpoint) : undefined;
  const same = from
    ? weights.describe(from).architecture === found.architecture
    : canonicalJson(found.model) === canonicalJson(plan.model);
  if (!same) {
    const [is, wanted] = [canonicalJson(found.model), canonicalJson(plan.model)];
    throw refuse('wrong-model', `the candidate has the shape ${is}; the plan says ${wanted}`);
  }
  if (!found.finite) throw refuse('not-finite', 'a weight of the candidate is not a finite number');
};

const parseReceipt = (bytes: Uint8Array, refuse: Refuse): Receipt => {
  let read: unknown;
  try {
    read = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw refuse('wrong-receipt', 'the receipt is no JSON document');
  }
  const parsed = receiptSchema.safeParse(read);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuse(
    'wrong-receipt',
    `the receipt: ${issue?.path.join('.')}: ${issue?.message}; docs/trainer.md has its form`,
  );
};

/** What of a receipt follows from the plan and the candidate must be so. */
const checkReceipt = async (
  { artifacts, weights }: Checking,
  { plan, planHash }: Order,
  candidate: Readonly<{ hash: string; bytes: Uint8Array }>,
  receipt: Receipt,
  refuse: Refuse,
): Promise<void> => {
  const batches = await artifacts.get(plan.batches);
  const length = new DataView(batches.buffer, batches.byteOffset).getUint32(LENGTH_AT, true);
  const from = 'checkpoint' in plan.initial ? plan.initial.checkpoint : undefined;
  const moved = from && weights.distance(await artifacts.get(from), candidate.bytes).relative;
  const must: readonly (readonly [field: string, is: unknown, wanted: unknown])[] = [
    ['plan', receipt.plan, planHash],
    ['candidate', receipt.candidate, candidate.hash],
    ['initial', receipt.initial, from ?? receipt.initial],
    ['steps', receipt.steps, plan.steps],
    ['tokens', receipt.tokens, plan.steps * plan.batch * length],
    ['distance.initial', receipt.distance.initial, moved ?? receipt.distance.initial],
  ];
  const wrong = must.find(([, is, wanted]) => is !== wanted);
  if (wrong) throw refuse('wrong-receipt', `the receipt says ${wrong[0]} ${wrong[1]}; it must be ${wrong[2]}`);
};

/**
 * Checks what a trainer offers before it is believed. That a receipt's losses are what the plan gives is for a replay to
 * show. @throws ResultRefused
 */
export const checkResult = async (
  checking: Checking,
  order: Order,
  contract: 'nc-1' | null,
  offered: Offered,
): Promise<Checked> => {
  const { artifacts } = checking;
  const refuse: Refuse = (reason, message) => new ResultRefused(reason, offered.candidate, message);
  const load = async (what: string, hash: string): Promise<Uint8Array> => {
    if (!(await artifacts.has(hash)))
      throw refuse('missing', `${what} ${hash} was not sent; PUT its bytes under this claim first`);
    return artifacts.get(hash);
  };
  const { candidate: hash, receipt: receiptHash, steps, tokens } = offered;
  const bytes = await load('the candidate', hash);
  await checkModel(checking, order.plan, bytes, refuse);
  if (contract === null) return { candidate: hash, steps, tokens, receipt: null };
  if (receiptHash === null)
    throw refuse('wrong-receipt', 'receipt: null; the claim promised nc-1, and a trainer of nc-1 leaves a receipt');
  const receipt = parseReceipt(await load('the receipt', receiptHash), refuse);
  await load('the optimiser state', receipt.optimiser);
  await load('the transcript', receipt.transcript);
  await checkReceipt(checking, order, { hash, bytes }, receipt, refuse);
  return { candidate: hash, steps: receipt.steps, tokens: receipt.tokens, receipt, receiptHash };
};
