import { composeBatches, type WeightsPpm } from '#corpus/domain/batches.js';
import type { Corpus } from '#corpus/domain/corpus.js';
import { chooseFamilies, GENERATORS } from '#corpus/domain/families.js';
import type { Family, TaskSequence } from '#corpus/domain/family.js';
import { decodeSequences, encodeSequences, SequenceBlob } from '#corpus/domain/plsq.js';
import { Rng } from '#corpus/domain/random.js';
import { composeDocuments, concatenated, SuiteTooSmall, WINDOWS_PER_DOCUMENT } from '#suite/domain/compose-suite.js';
import { drawShadowBlocks, drawUnits, type ShadowDefinition } from '#suite/domain/draw.js';
import type { ItemSet } from '#suite/domain/items.js';
import { cleanWindows } from '#suite/domain/text-windows.js';
import type { DistillationConfig } from './config.js';

const PPM = 1_000_000;
/** Draws of the teacher's own training and of the sequences that it is traced on. */
const [OF_TEACHER, OF_TRACES] = [0, 1];
/** Bytes of an answer that are asked for, at most. */
const ANSWER_BYTES = 8;

const familiesOf = ({ seed, families }: DistillationConfig): readonly Family[] =>
  chooseFamilies(String(seed), families);

/** The families in the order in which a block of the examination has them. */
export const familyOrder = (config: DistillationConfig): readonly string[] =>
  familiesOf(config).map(({ name }) => name);

const weightsOf = (config: DistillationConfig, taskPpm: number): WeightsPpm => {
  const names = familyOrder(config);
  const each = Math.floor(taskPpm / names.length);
  return { [config.general]: PPM - each * names.length, ...Object.fromEntries(names.map((name) => [name, each])) };
};

type Mix = Readonly<{ cycle: number; steps: number; batch: number; taskPpm: number }>;

const mixed = (config: DistillationConfig, corpus: Corpus, { taskPpm, ...mix }: Mix): Uint8Array =>
  composeBatches({
    ...mix,
    seed: String(config.seed),
    sequence: config.sequence,
    weightsPpm: weightsOf(config, taskPpm),
    replayPpm: 0,
    replayWeightsPpm: {},
    corpora: [corpus],
    families: familiesOf(config),
  }).bytes;

/** What the teacher learns from. */
export const teacherBatches = (config: DistillationConfig, corpus: Corpus): Uint8Array => {
  const { steps, batch, taskPpm } = config.teacher.training;
  return mixed(config, corpus, { cycle: OF_TEACHER, steps, batch, taskPpm });
};

/** What the teacher is traced on, and students learn from. */
export const tracedSequences = (config: DistillationConfig, corpus: Corpus): Uint8Array => {
  const { sequences, taskPpm } = config.traces;
  return mixed(config, corpus, { cycle: OF_TRACES, steps: sequences, batch: 1, taskPpm });
};

/** The traced sequences in the order in which every student reads them: each once, in an order drawn anew, then again. */
export const studentBatches = ({ seed, student }: DistillationConfig, traced: Uint8Array): Uint8Array => {
  const sequences = decodeSequences(traced);
  const wanted = student.training.steps * student.training.batch;
  const blob = new SequenceBlob(wanted, sequences[0]?.tokens.length ?? 0);
  for (let epoch = 0, given = 0; given < wanted; epoch += 1) {
    const order = Rng.from(String(seed), 'order-of-traces', epoch).shuffle([...sequences]);
    for (const sequence of order.slice(0, wanted - given)) blob.add(sequence);
    given += Math.min(order.length, wanted - given);
  }
  return blob.finish();
};

/** With only the last answer scored, its first bytes where it is long. */
const lastAnswer = ({ tokens, targets, mask }: TaskSequence): TaskSequence => {
  const end = mask.lastIndexOf(1) + 1;
  const start = mask.lastIndexOf(0, end - 1) + 1;
  return { tokens, targets, mask: new Uint8Array(mask.length).fill(1, start, Math.min(end, start + ANSWER_BYTES)) };
};

/**
 * What teacher and students are examined on: documents of the report split, then blocks of one sequence of each family with
 * its last answer to give. Drawn from the seed alone; no text shares 64 bytes in a row with what is learnt from.
 * @throws SuiteTooSmall
 */
export const examination = (config: DistillationConfig, corpus: Corpus): ItemSet => {
  const { seed, sequence, families, evaluation } = config;
  const { items, documents } = evaluation;
  const text = { corpus, training: [corpus], windowsPerDocument: WINDOWS_PER_DOCUMENT, minimumDocuments: documents };
  const pool = composeDocuments(config.distillation, 'report', text, sequence).items;
  const definition: ShadowDefinition = { generators: GENERATORS, runSeed: String(seed), families, sequence };
  const blocks = drawShadowBlocks(definition, `transfer/${seed}`, items);
  const asked = encodeSequences(decodeSequences(blocks.sequences).map(lastAnswer));
  return concatenated(drawUnits(pool, String(seed), documents), { ...blocks, sequences: asked });
};

/**
 * Held-out sequences that hidden states are compared on: one of each family and one window of text in turn.
 * @throws SuiteTooSmall
 */
export const alignmentSequences = (config: DistillationConfig, corpus: Corpus): Uint8Array => {
  const { seed, sequence, evaluation } = config;
  const windows = cleanWindows(corpus, 'gate', sequence, [corpus]).documents.flatMap((document) =>
    document.windows.slice(0, 1),
  );
  if (windows.length < evaluation.alignment)
    throw new SuiteTooSmall(
      `evaluation.alignment: ${evaluation.alignment}; corpus ${corpus.name} has ${windows.length} held-out documents to compare on`,
    );
  const families = familiesOf(config).map((family) => ({
    family,
    rng: Rng.from(String(seed), 'alignment', family.name),
  }));
  const blob = new SequenceBlob(evaluation.alignment * (families.length + 1), sequence);
  for (let at = 0; at < evaluation.alignment; at += 1) {
    families.forEach(({ family, rng }) => blob.add(family.generate(rng.branch(at), sequence)));
    blob.addText(windows[at] as Uint8Array);
  }
  return blob.finish();
};
