import type { Corpus } from '#corpus/domain/corpus.js';
import { sha256 } from '#ledger/digest.js';
import type { ItemSet } from '#suite/domain/items.js';
import type { DistillationConfig } from './domain/config.js';
import type { Begun } from './domain/distillation.js';
import { alignmentSequences, examination, studentBatches, teacherBatches, tracedSequences } from './domain/inputs.js';

/** What all arms of a seed share, and the units of the examination. */
export type Composed = Readonly<{
  inputs: Readonly<Record<keyof Begun['inputs'], Uint8Array>>;
  items: ItemSet;
}>;

/** @throws SuiteTooSmall, CorpusTooSmall */
export const composeInputs = (config: DistillationConfig, corpus: Corpus): Composed => {
  const traced = tracedSequences(config, corpus);
  const items = examination(config, corpus);
  const inputs = {
    teacherBatches: teacherBatches(config, corpus),
    traced,
    studentBatches: studentBatches(config, traced),
    alignment: alignmentSequences(config, corpus),
    examination: items.sequences,
  };
  return { inputs, items };
};

export const digestsOf = ({ inputs }: Composed): Begun['inputs'] =>
  Object.fromEntries(Object.entries(inputs).map(([name, bytes]) => [name, sha256(bytes)])) as Begun['inputs'];
