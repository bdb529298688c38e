import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { decodeSequences } from '#corpus/domain/plsq.js';
import { scoreLogits } from './domain/score-logits.js';
import { VOCAB } from './evaluator.js';
import type { OnnxReply, OnnxRequest, OnnxScores } from './onnx-protocol.js';

// A process of its own: a crash of the runtime ends this child, never the service.

/** One thread, one operator after another, and the graph exactly as exported: no fused or approximated operators. */
const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 3,
};

let session: InferenceSession | undefined;

const load = async (model: Uint8Array): Promise<OnnxReply> => {
  await session?.release();
  session = undefined;
  session = await InferenceSession.create(model, OPTIONS);
  return { kind: 'loaded' };
};

const run = async (bytes: Uint8Array, withLogits: boolean): Promise<OnnxReply> => {
  if (!session) throw new Error('no model is loaded');
  const sequences = decodeSequences(bytes);
  const count = sequences.length;
  const length = sequences[0]?.tokens.length ?? 0;
  const tokens = new BigInt64Array(count * length);
  sequences.forEach((sequence, item) =>
    sequence.tokens.forEach((token, at) => (tokens[item * length + at] = BigInt(token))),
  );
  const output = await session.run({ tokens: new Tensor('int64', tokens, [count, length]) });
  const logits = output['logits']?.data;
  if (!(logits instanceof Float32Array) || logits.length !== tokens.length * VOCAB)
    throw new Error(`the model's output "logits" is not ${count} x ${length} x ${VOCAB} floats`);
  const scores: OnnxScores = { ...scoreLogits(sequences, logits, VOCAB), logits: withLogits ? logits : null };
  return { kind: 'scored', scores };
};

const answer = async (request: OnnxRequest): Promise<OnnxReply> => {
  try {
    return request.kind === 'load' ? await load(request.model) : await run(request.sequences, request.logits);
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
};

const runtimeVersion = (): string => {
  const path = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
};

process.on('message', (request: OnnxRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
// The parent is gone: nobody is left to answer to.
process.on('disconnect', () => process.exit());
process.send?.({ kind: 'ready', build: `onnxruntime-node ${runtimeVersion()}` } satisfies OnnxReply);
