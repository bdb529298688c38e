import { createHash } from 'node:crypto';
import { SequenceBlob } from '#corpus/domain/plsq.js';
import type { Plan } from '#trainer/domain/plan.js';

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const SENTENCE = 'The river keeps the name it was given, and the road keeps none. ';

/** Sequences of text with every position scored; `shift` moves where in the sentence each begins. */
export const textSequences = (count: number, length: number, shift = 7): Uint8Array => {
  const text = new TextEncoder().encode(SENTENCE.repeat(Math.ceil(length / SENTENCE.length) + 2));
  const blob = new SequenceBlob(count, length);
  for (let i = 0; i < count; i++) {
    const start = (i * shift) % SENTENCE.length;
    blob.addText(text.slice(start, start + length + 1));
  }
  return blob.finish();
};

/** A small plan and the blob it names. */
export const smallTraining = (steps: number, changes: Partial<Plan> = {}): { plan: Plan; inputs: Uint8Array[] } => {
  const batch = 4;
  const batches = textSequences(steps * batch, 64);
  const plan: Plan = {
    contract: 'nc-1',
    model: { dModel: 64, layers: 2, dState: 64, headDim: 64, expand: 2, convWidth: 4, chunk: 64, vocab: 256 },
    initial: { seed: '7' },
    anchor: null,
    batches: sha256(batches),
    general: null,
    sentinel: null,
    steps,
    batch,
    generalBatch: 0,
    learningRate: Math.fround(0.002),
    warmupSteps: 2,
    decay: 'constant',
    optimiser: {
      beta1: Math.fround(0.9),
      beta2: Math.fround(0.98),
      epsilon: Math.fround(1e-8),
      weightDecay: Math.fround(0.01),
      clipNorm: 1,
    },
    klBeta: 0,
    l2spLambda: 0,
    trustRegion: null,
    stateEverySteps: 5,
    ...changes,
  };
  return { plan, inputs: [batches] };
};
