import type { TaskSequence } from '#corpus/domain/family.js';

type Scores = Readonly<{ nllNats: Float64Array; scored: Uint32Array; correct: Uint32Array }>;

/** Loss of the right byte in nats: log-sum-exp minus its logit, in binary64; NaN as soon as a logit is. */
const loss = (logits: Float32Array, target: number): number => {
  let max = -Infinity;
  for (const logit of logits) max = Math.max(max, logit);
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - max);
  return max + Math.log(total) - (logits[target] ?? NaN);
};

/** The first of the largest logits; a NaN is never right. */
const mostLikely = (logits: Float32Array): number => {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] ?? NaN) > (logits[best] ?? NaN)) best = i;
  return Number.isNaN(logits[best]) ? -1 : best;
};

/**
 * Scores raw logits (sequences x length x vocabulary) against the targets at the masked positions. Plain TypeScript on
 * purpose: the shadow evaluator shares no code with the trainer. Its figures are compared with a tolerance, never judged.
 */
export const scoreLogits = (sequences: readonly TaskSequence[], logits: Float32Array, vocab: number): Scores => {
  const count = sequences.length;
  const scores = {
    nllNats: new Float64Array(count),
    scored: new Uint32Array(count),
    correct: new Uint32Array(count),
  };
  sequences.forEach(({ targets, mask }, item) => {
    let [nll, scored, correct] = [0, 0, 0];
    for (let at = 0; at < mask.length; at++) {
      if (mask[at] !== 1) continue;
      const start = (item * mask.length + at) * vocab;
      const row = logits.subarray(start, start + vocab);
      const target = targets[at] ?? -1;
      nll += loss(row, target);
      scored += 1;
      if (mostLikely(row) === target) correct += 1;
    }
    scores.nllNats[item] = nll;
    scores.scored[item] = scored;
    scores.correct[item] = correct;
  });
  return scores;
};
