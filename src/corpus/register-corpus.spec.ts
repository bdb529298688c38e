import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { cutCorpus } from './domain/documents.js';
import { SPLITS } from './domain/events.js';
import { Rng } from './domain/random.js';
import { loadCorpus, registerCorpus } from './register-corpus.js';

const by = { actor: { kind: 'service', id: 'test', build: '1' } } as const;
const provenance = { origin: { kind: 'human' }, licence: 'MIT', source: 'test', filesSkipped: 0 } as const;
const cut = (seed: string) => {
  const rng = Rng.from(seed, 'text');
  const bytes = Uint8Array.from({ length: 100_000 }, () => 97 + rng.below(26));
  return cutCorpus('mine', [{ name: 'a', bytes }]);
};

describe('registerCorpus', () => {
  it('keeps text and index as artifacts that give the corpus back', async () => {
    const ledger = { log: new MemoryLog(), clock: new CountedClock(), ids: new CountedIds() };
    const artifacts = new MemoryArtifacts();
    const given = cut('1');
    const data = await registerCorpus(ledger, artifacts, given, provenance, by);
    const loaded = await loadCorpus(ledger.log, artifacts, 'mine');
    expect(loaded.documents).toEqual(given.corpus.documents);
    expect(Buffer.compare(loaded.text, given.corpus.text)).toBe(0);
    const sum = (of: 'bytes' | 'documents'): number =>
      SPLITS.reduce((total, split) => total + data.splits[split][of], 0);
    expect([sum('bytes'), sum('documents')]).toEqual([data.bytes, data.documents]);
    expect(data.bytes).toBe(given.corpus.text.length);
  });

  it('takes the same bytes again and refuses others under the same name', async () => {
    const ledger = { log: new MemoryLog(), clock: new CountedClock(), ids: new CountedIds() };
    const artifacts = new MemoryArtifacts();
    await registerCorpus(ledger, artifacts, cut('1'), provenance, by);
    await registerCorpus(ledger, artifacts, cut('1'), provenance, by);
    expect(ledger.log.head()).toBe(1);
    await expect(registerCorpus(ledger, artifacts, cut('2'), provenance, by)).rejects.toThrow(
      'write "mine: { registered: mine }" to use those that the log has, or choose another name',
    );
    await expect(loadCorpus(ledger.log, artifacts, 'other')).rejects.toThrow('corpus other is not registered');
  });
});
