import fc from 'fast-check';
import { FAMILY_NAMES } from '#corpus/domain/families.js';
import { decodeSequences } from '#corpus/domain/plsq.js';
import { echoModel, uniformModel } from '#evaluation/domain/constructed-models.js';
import { drawControlItems } from '#evaluation/domain/control-items.js';
import { controlFigures, controlRuns, type Outcome } from '#evaluation/domain/controls.js';
import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { drawShadowBlocks } from '#suite/domain/draw.js';
import { loadNative } from '#trainer/native.js';

const native = loadNative();
const evaluator = new NativeEvaluator(native, { threads: 1 });

const evaluated = async (model: Uint8Array, sequences: Uint8Array): Promise<readonly Outcome[]> => {
  const { nllNats, scored, correct } = await evaluator.evaluate(model, sequences);
  return Array.from(nllNats, (nats, at) => ({ nllNats: nats, scored: scored[at] ?? 0, correct: correct[at] ?? 0 }));
};

test('a sound evaluator passes every control, whatever the model, its shape, the families and the seed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.stringMatching(/^[0-9a-f]{64}$/),
        families: fc.subarray([...FAMILY_NAMES], { minLength: 1 }),
        sequence: fc.constantFrom(64, 128),
        dModel: fc.constantFrom(32, 64, 96),
        layers: fc.integer({ min: 1, max: 2 }),
        weights: fc.nat(1_000_000),
      }),
      async ({ seed, families, sequence, dModel, layers, weights }) => {
        const shape = { dModel, layers, dState: 16, headDim: 32, expand: 2, convWidth: 4, chunk: 64, vocab: 256 };
        const candidate = native.initialise(shape, String(weights));
        const champion = native.initialise(shape, String(weights + 1));
        const definition = { generators: 'families/1', runSeed: '1', families, sequence } as const;
        const drawn = drawShadowBlocks(definition, seed, 3).sequences;
        const sequences = decodeSequences(drawn);
        const samples = {
          candidate: { sequences, recorded: await evaluated(candidate, drawn) },
          champion: { sequences, recorded: await evaluated(champion, drawn) },
        };
        const items = drawControlItems(definition, seed, 4);
        const models = { candidate, champion, echo: echoModel(champion), uniform: uniformModel(champion) };
        const runs = controlRuns(items, samples, seed);
        const outcomes: (readonly Outcome[])[] = [];
        for (const run of runs) outcomes.push(await evaluated(models[run.model], run.sequences));
        const figures = controlFigures(runs, outcomes, items.honeypotChance, samples);
        expect(figures.filter(({ held }) => !held)).toEqual([]);
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);
