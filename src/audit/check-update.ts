import type { Artifacts } from '#ledger/artifacts.js';
import { canonicalJson } from '#ledger/record.js';
import { figuresOfReceipt } from '#loop/train-step.js';
import type { Cycle } from '#run/domain/cycle.js';
import type { DataOf } from '#run/domain/events.js';
import { receiptSchema, type Receipt } from '#trainer/domain/receipt.js';
import type { WrongFigure } from './check-probe.js';

const readReceipt = (bytes: Uint8Array): Receipt | undefined => {
  try {
    return receiptSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
};

/**
 * Holds an update that can be trained again against the receipt it names: the same plan and candidate, from the champion that
 * the cycle was proposed for. One handed in for another cycle shows here; what a receipt claims is for a replay to show.
 */
export const checkUpdate = async (
  { artifacts }: Readonly<{ artifacts: Artifacts }>,
  { produced, proposal }: Cycle,
): Promise<readonly WrongFigure[]> => {
  const hash = produced?.receipt;
  if (!produced || !hash) return [];
  const receipt = readReceipt(await artifacts.get(hash));
  if (!receipt) return [{ field: 'receipt', recorded: hash, recomputed: 'a receipt' }];
  const { plan, candidate, steps, tokens } = receipt;
  const expected: Partial<DataOf<'UpdateProduced'>> = {
    plan,
    candidate,
    steps,
    tokens,
    ...figuresOfReceipt(receipt, hash),
    // The base is trained from fresh weights, which are kept nowhere.
    ...(proposal && { parent: proposal.champion }),
  };
  return Object.entries(expected).flatMap(([field, value]) => {
    const [recorded, recomputed] = [canonicalJson(produced[field as keyof typeof expected]), canonicalJson(value)];
    return recorded === recomputed ? [] : [{ field, recorded, recomputed }];
  });
};
