import { composeBatches, composeGeneral } from '#corpus/domain/batches.js';
import { cutCorpus } from '#corpus/domain/documents.js';
import { FAMILY_NAMES, GENERATORS, familiesOf } from '#corpus/domain/families.js';
import { encodeSequences } from '#corpus/domain/plsq.js';
import { Rng } from '#corpus/domain/random.js';
import { sha256 } from '#ledger/digest.js';
import { drawShadowBlocks, type ShadowDefinition } from '#suite/domain/draw.js';

/** What these give is in sealed suites and recorded runs: a change is a new name in GENERATORS, never a new hash here. */
const text = Array.from(
  { length: 4000 },
  (_, at) => `Line ${(at * 7919) % 10007} says ${at}.\n${at % 9 ? '' : '\n'}`,
).join('');
const { corpus } = cutCorpus('golden', [{ name: 'book', bytes: new TextEncoder().encode(text) }]);

const FAMILIES: readonly (readonly [string, string])[] = [
  ['recall', '03d324189874de7114ea4d5c666cd9dfeaff1fdc9e95b51e787965f13efd7065'],
  ['selective-copy', '51be21ea7808fe55bc95c1ad493b2ef06d2eaa82608dcd0841f199905ed8a94a'],
  ['periodic-copy', '120773f9ee33322cc8ca3fba48ecc52e0146ba53b5d366b9da0ac32736e8eed9'],
  ['dyck', '1187827053a1ee12816d4e47406480a2a6fd2c5cc69d82b35f8f46fef28b0515'],
  ['sort', '5b9f796eea8a55e5c26a9045c68039871fb9543a58bb3b44fa5edfa20ea59d7d'],
  ['addition', '067a38e0dfe6e0b124c226e33df2ed87e31262e1a29c9bbf85c4b94992f6aaf0'],
  ['memorise', '6849105370129148577863620a36d13dc62fd5247fda0c9e05a0bba6e91d2467'],
  ['markov', '184f5f9db69db06e82772b0a31605d08545c5df91aa7db683fafd9f9599ae12e'],
  ['unlearnable', 'd8aca34b046774bca53ab60ce146193c1cf5b0d457bf4ca1aa1fdf23ff49484b'],
];

describe('sequences for ever', () => {
  it.each(FAMILIES)('%s', (name, digest) => {
    const family = familiesOf('7').find((candidate) => candidate.name === name);
    const rng = Rng.from('golden', name);
    const sequences = Array.from({ length: 32 }, (_, at) => family?.generate(rng.branch(at), 128));
    expect(sha256(encodeSequences(sequences.flatMap((sequence) => sequence ?? [])))).toBe(digest);
  });

  it('every family is here', () => {
    expect(GENERATORS).toBe('families/1');
    expect(FAMILIES.map(([name]) => name)).toEqual(FAMILY_NAMES);
  });

  it('documents, their splits and their text', () => {
    expect(sha256(corpus.text, JSON.stringify(corpus.documents))).toBe(
      '354192cb2e1436fb4e9d8254f76a421007884de04d6249a5d066fd65580f193e',
    );
  });

  it('batches, general text and shadow blocks', () => {
    const { bytes } = composeBatches({
      seed: '7',
      cycle: 3,
      steps: 8,
      batch: 8,
      sequence: 128,
      weightsPpm: { golden: 300_000, sort: 300_000, unlearnable: 400_000 },
      replayPpm: 250_000,
      replayWeightsPpm: { golden: 500_000, memorise: 500_000 },
      corpora: [corpus],
      families: familiesOf('7'),
    });
    expect(sha256(bytes)).toBe('4ec9fb7c6975ce13d1c6b45393eb2367e11c0322e44096f89bb5c8caedf6f9b3');
    const general = composeGeneral({ seed: '7', cycle: 3, purpose: 'general', count: 16, sequence: 128, corpus });
    expect(sha256(general)).toBe('715b6d92e43929f29d472ba56cd3e6b245962f62df00baf494bd85f5c8e3797c');
    const definition: ShadowDefinition = {
      generators: GENERATORS,
      runSeed: '7',
      families: ['recall', 'memorise'],
      sequence: 128,
    };
    expect(sha256(drawShadowBlocks(definition, 'seed', 8).sequences)).toBe(
      '7ee758ced48fe2cacf440411420c990a78e55ee7e1c2269fa086c95a978e653f',
    );
  });
});
