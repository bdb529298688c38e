import { z } from 'zod';
import { GENERATORS, chooseFamilies } from '#corpus/domain/families.js';
import { SequenceBlob, decodeSequences } from '#corpus/domain/plsq.js';
import { Rng } from '#corpus/domain/random.js';
import type { ItemSet, Unit } from './items.js';

/** How a drawn suite makes its blocks: everything but the seed, which comes with the candidate. */
export const shadowDefinitionSchema = z.strictObject({
  generators: z.literal(GENERATORS),
  /** Seed of the run, which decides the table that `memorise` asks for. */
  runSeed: z.string().min(1),
  /** Target families; a block has one sequence of each, in the order of the registry. */
  families: z.array(z.string()).min(1),
  /** Tokens per sequence. */
  sequence: z.int().positive().multipleOf(64),
});
export type ShadowDefinition = Readonly<z.output<typeof shadowDefinitionSchema>>;

/** Blocks 0 to blocks-1 for a seed. Fewer blocks of the same seed are a prefix of more. */
export const drawShadowBlocks = (definition: ShadowDefinition, seed: string, blocks: number): ItemSet => {
  if (!Number.isInteger(blocks) || blocks < 1) throw new RangeError(`${blocks} blocks: at least 1 needed`);
  const families = chooseFamilies(definition.runSeed, definition.families).map((family) => ({
    family,
    rng: Rng.from(seed, 'block', family.name),
  }));
  const blob = new SequenceBlob(blocks * families.length, definition.sequence);
  const units: Unit[] = [];
  for (let block = 0; block < blocks; block += 1) {
    const first = block * families.length;
    families.forEach(({ family, rng }) => blob.add(family.generate(rng.branch(block), definition.sequence)));
    const sequences = families.map((_, at) => first + at);
    units.push({ id: `block-${block}`, kind: 'block', domain: null, sequences });
  }
  return { sequences: blob.finish(), units };
};

/** The units of a sealed set in the order of a seed, the first n of them, with only their sequences. */
export const drawUnits = (pool: ItemSet, seed: string, n: number): ItemSet => {
  if (!Number.isInteger(n) || n < 1 || n > pool.units.length)
    throw new RangeError(`${n} units asked: the sealed pool has 1 to ${pool.units.length}`);
  const chosen = Rng.from(seed, 'documents')
    .shuffle([...pool.units])
    .slice(0, n);
  const sealed = decodeSequences(pool.sequences);
  const taken = chosen.flatMap((unit) => unit.sequences);
  const blob = new SequenceBlob(taken.length, sealed[0]?.tokens.length ?? 0);
  for (const index of taken) {
    const sequence = sealed[index];
    if (!sequence) throw new RangeError(`sequence ${index}: the sealed pool has ${sealed.length}`);
    blob.add(sequence);
  }
  let next = 0;
  const units = chosen.map((unit) => ({ ...unit, sequences: unit.sequences.map(() => next++) }));
  return { sequences: blob.finish(), units };
};

/** Documents of a sealed pool of text, in the order of the seed. */
export const drawGateDocuments = drawUnits;
