import { bytesOf, documentsOf, type Corpus } from '#corpus/domain/corpus.js';
import { cutCorpus } from '#corpus/domain/documents.js';
import { decodeSequences } from '#corpus/domain/plsq.js';
import { Rng } from '#corpus/domain/random.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { drawGateDocuments, drawShadowBlocks } from './domain/draw.js';
import { findSuite, loadDefinition, loadItems, querySuite } from './query-suite.js';
import { gateSuite, reportSuite, scoutSuite, sealSuite, shadowSuite, type Sealing } from './seal-suite.js';

const by = { actor: { kind: 'evaluator', id: 'test', build: '1' } } as const;
const fresh = (): Sealing => ({
  ledger: { log: new MemoryLog(), clock: new CountedClock(), ids: new CountedIds() },
  artifacts: new MemoryArtifacts(),
  by,
});
const noise = (seed: string, bytes: number): Uint8Array => {
  const rng = Rng.from(seed, 'noise');
  return Uint8Array.from({ length: bytes }, (_, at) => (at % 60 === 59 ? 10 : 97 + rng.below(26)));
};
const english = cutCorpus('english', [{ name: 'book', bytes: noise('book', 400_000) }]).corpus;
const text = { corpus: english, training: [english], windowsPerDocument: 2, minimumDocuments: 20 };
const setting = (suite: string) => ({ suite, runSeed: '7', sequence: 128, reuseBudgetQueries: 5 });

/** A corpus whose training text repeats one window of a gate document. */
const leaking = (): Readonly<{ corpus: Corpus; leaked: Uint8Array }> => {
  const [victim] = documentsOf(english, 'gate');
  const leaked = bytesOf(english, victim as NonNullable<typeof victim>).slice(0, 129);
  const merged = new Uint8Array(english.text.length + leaked.length);
  merged.set(english.text);
  merged.set(leaked, english.text.length);
  const extra = { name: 'leak', offset: english.text.length, bytes: leaked.length, split: 'train' as const };
  return { corpus: { ...english, text: merged, documents: [...english.documents, extra] }, leaked };
};

describe('sealing', () => {
  it('makes a gate pool of two windows a document, all of the gate split', async () => {
    const sealing = fresh();
    const sealed = await sealSuite(sealing, gateSuite(setting('gate'), text));
    const items = await loadItems(sealing.artifacts, sealed);
    expect(sealed).toMatchObject({ role: 'gate', metrics: ['bits-per-byte'], corpora: ['english'], overlapLeftOut: 0 });
    expect(sealed.items).toBe(2 * sealed.clusters);
    expect(decodeSequences(items.sequences)).toHaveLength(sealed.items);
    const gate = documentsOf(english, 'gate').map((document) => new TextDecoder().decode(bytesOf(english, document)));
    for (const { tokens } of decodeSequences(items.sequences))
      expect(gate.some((document) => document.includes(new TextDecoder().decode(tokens)))).toBe(true);
  });

  it('leaves out windows that share 64 bytes with training text, and counts them', async () => {
    const { corpus, leaked } = leaking();
    const sealing = fresh();
    const sealed = await sealSuite(sealing, gateSuite(setting('gate'), { ...text, corpus, training: [corpus] }));
    expect(sealed.overlapLeftOut).toBe(1);
    const { sequences } = await loadItems(sealing.artifacts, sealed);
    const wanted = new TextDecoder().decode(leaked.subarray(0, 128));
    const seen = decodeSequences(sequences).map(({ tokens }) => new TextDecoder().decode(tokens));
    expect(seen).not.toContain(wanted);
  });

  it('refuses a pool with too few documents and says how much would do', () => {
    expect(() => gateSuite(setting('gate'), { ...text, minimumDocuments: 500 })).toThrow(
      /suite gate: \d+ documents in the gate split of corpus english have 2 windows to probe \(0 windows overlap training text\), at least 500 are needed; about \d+ kB of distinct text would do, there are \d+ kB/,
    );
  });

  it('is the same twice, and refused when the items differ', async () => {
    const sealing = fresh();
    const first = await sealSuite(sealing, gateSuite(setting('gate'), text));
    expect(await sealSuite(sealing, gateSuite(setting('gate'), text))).toEqual(first);
    const other = gateSuite(setting('gate'), { ...text, windowsPerDocument: 1 });
    await expect(sealSuite(sealing, other)).rejects.toThrow('other items');
  });

  it('gives a scout suite one unit for each domain, a report suite documents and blocks', async () => {
    const sealing = fresh();
    const domains = {
      corpora: [english],
      training: [english],
      families: ['sort', 'unlearnable'],
      sequencesPerDomain: 4,
    };
    const scout = await loadItems(sealing.artifacts, await sealSuite(sealing, scoutSuite(setting('scout'), domains)));
    expect(scout.units.map(({ domain, sequences }) => [domain, sequences])).toEqual([
      ['english', [0, 1, 2, 3]],
      ['sort', [4, 5, 6, 7]],
      ['unlearnable', [8, 9, 10, 11]],
    ]);
    const capability = { families: ['sort', 'recall'], blocks: 10 };
    const sealed = await sealSuite(sealing, reportSuite(setting('report'), text, capability));
    const report = await loadItems(sealing.artifacts, sealed);
    const blocks = report.units.filter(({ kind }) => kind === 'block');
    expect(blocks).toHaveLength(10);
    expect(sealed.clusters).toBe(report.units.length);
    const sequences = decodeSequences(report.sequences);
    for (const {
      sequences: [first, second],
    } of blocks)
      expect([sequences[first as number]?.tokens[0], sequences[second as number]?.tokens[0]]).toEqual([0xf5, 0xfa]);
    const used = report.units.flatMap((unit) => unit.sequences).sort((a, b) => a - b);
    expect(used).toEqual(sequences.map((_, at) => at));
  });

  it('seals a shadow suite as its definition; items need a seed', async () => {
    const sealing = fresh();
    const sealed = await sealSuite(sealing, shadowSuite(setting('shadow'), ['sort', 'memorise']));
    await expect(loadItems(sealing.artifacts, sealed)).rejects.toThrow('holds no items');
    const definition = await loadDefinition(sealing.artifacts, sealed);
    const drawn = drawShadowBlocks(definition, 'seed', 3);
    expect(drawn.units.map(({ id, sequences }) => [id, sequences])).toEqual([
      ['block-0', [0, 1]],
      ['block-1', [2, 3]],
      ['block-2', [4, 5]],
    ]);
    expect(drawShadowBlocks(definition, 'other', 3).sequences).not.toEqual(drawn.sequences);
    expect(() => drawShadowBlocks(definition, 'seed', 0)).toThrow('0 blocks');
  });

  it('records queries in the stream of the suite', async () => {
    const sealing = fresh();
    const sealed = await sealSuite(sealing, gateSuite(setting('gate'), text));
    const use = { run: 'r', cycle: 1, candidate: 'a'.repeat(64), itemsArtifact: sealed.itemsArtifact, looked: false };
    await querySuite(sealing.ledger, 'gate', use, by);
    await querySuite(sealing.ledger, 'gate', use, by);
    expect(await findSuite(sealing.ledger.log, 'gate')).toMatchObject({ remaining: 4 });
  });

  it('draws documents of the sealed pool with their own windows', async () => {
    const sealing = fresh();
    const pool = await loadItems(sealing.artifacts, await sealSuite(sealing, gateSuite(setting('gate'), text)));
    const drawn = drawGateDocuments(pool, 'seed', 10);
    const sealedSequences = decodeSequences(pool.sequences);
    drawn.units.forEach((unit, at) => {
      const original = pool.units.find(({ id }) => id === unit.id);
      expect(unit.sequences).toEqual([2 * at, 2 * at + 1]);
      const own = unit.sequences.map((index) => decodeSequences(drawn.sequences)[index]);
      expect(own).toEqual(original?.sequences.map((index) => sealedSequences[index]));
    });
    expect(() => drawGateDocuments(pool, 'seed', pool.units.length + 1)).toThrow('the sealed pool has 1 to');
  });
});
