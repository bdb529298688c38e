import { parentPort, workerData } from 'node:worker_threads';
import { decodeSequences } from '#corpus/domain/plsq.js';
import { ReferenceModel, scoreAt } from './domain/reference-model.js';
import { VOCAB, type EvaluatedWithLogits } from './evaluator.js';
import type { ReferenceReply, ReferenceRequest } from './reference-protocol.js';

// A thread of its own: plain TypeScript takes seconds, in which a service must go on answering.

const score = ({ checkpoint, sequences }: ReferenceRequest): EvaluatedWithLogits => {
  const model = new ReferenceModel(checkpoint);
  const all = decodeSequences(sequences);
  const length = all[0]?.tokens.length ?? 0;
  const scores = {
    nllNats: new Float64Array(all.length),
    scored: new Uint32Array(all.length),
    correct: new Uint32Array(all.length),
    logits: new Float32Array(all.length * length * VOCAB),
  };
  all.forEach(({ tokens, targets, mask }, item) => {
    const logits = model.logits(tokens);
    scores.logits.set(logits, item * length * VOCAB);
    mask.forEach((wanted, at) => {
      if (wanted !== 1) return;
      const { nats, right } = scoreAt(logits, at, targets[at] ?? 0);
      scores.nllNats[item] = (scores.nllNats[item] ?? 0) + nats;
      scores.scored[item] = (scores.scored[item] ?? 0) + 1;
      scores.correct[item] = (scores.correct[item] ?? 0) + Number(right);
    });
  });
  return scores;
};

const answer = (request: ReferenceRequest): ReferenceReply => {
  try {
    return { kind: 'scored', scores: score(request) };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
};

parentPort?.postMessage(answer(workerData as ReferenceRequest));
