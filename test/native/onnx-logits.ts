import { readFileSync, writeFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { decodeSequences } from '#corpus/domain/plsq.js';

// Arguments: an ONNX model, sequences, and where the logits go.
const [model, blob, out] = process.argv.slice(2) as [string, string, string];
const sequences = decodeSequences(readFileSync(blob));
const length = sequences[0]!.tokens.length;
const tokens = BigInt64Array.from(sequences.flatMap((sequence) => [...sequence.tokens].map(BigInt)));
const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
const { logits } = await session.run({ tokens: new Tensor('int64', tokens, [sequences.length, length]) });
const data = logits!.data as Float32Array;
writeFileSync(out, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
