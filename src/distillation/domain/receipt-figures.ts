import type { Receipt } from '#trainer/domain/receipt.js';
import type { DataOf } from './events.js';

export type TrainingFigures = Pick<
  DataOf<'StudentTrained'>,
  'transcript' | 'optimiser' | 'steps' | 'tokens' | 'lossFirstNats' | 'lossLastNats'
>;

/** What an event of a training says that its receipt says. */
export const figuresOfReceipt = (receipt: Receipt): TrainingFigures => ({
  transcript: receipt.transcript,
  optimiser: receipt.optimiser,
  steps: receipt.steps,
  tokens: receipt.tokens,
  lossFirstNats: receipt.lossFirst,
  lossLastNats: receipt.lossLast,
});

/** Distances from the teacher as the event of a student has them. */
export const distancesOf = ({ distillation }: Receipt): DataOf<'StudentTrained'>['distances'] => {
  if (!distillation) return null;
  const { divergenceFirst, divergenceLast, hiddenFirst, hiddenLast } = distillation;
  return { divergenceFirst, divergenceLast, hiddenFirst: hiddenFirst[0] ?? null, hiddenLast: hiddenLast[0] ?? null };
};
