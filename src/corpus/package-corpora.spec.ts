import { requireDocuments } from './domain/corpus.js';
import { readPackageCorpus } from './package-corpora.js';

describe('readPackageCorpus', () => {
  it('finds English documentation enough for a run: a megabyte to train on, 260 documents for the gate', async () => {
    const { cut, provenance } = await readPackageCorpus('english');
    expect(() => requireDocuments(cut.corpus, { gate: 260, report: 150, scout: 30 }, 258)).not.toThrow();
    const training = cut.corpus.documents.filter(({ split }) => split === 'train');
    expect(training.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(1_000_000);
    expect(provenance.source).toMatch(/@types\/node \d+\.\d+\.\d+/);
    expect(provenance.licence).toContain('MIT');
    const letters = cut.corpus.text.filter((byte) => (byte | 32) >= 97 && (byte | 32) <= 122).length;
    expect(letters / cut.corpus.text.length).toBeGreaterThan(0.7);
  });

  it('names the package that is missing and what to do', async () => {
    await expect(readPackageCorpus('c', '/nowhere')).rejects.toThrow(
      /package lmdb is not installed under .*; run npm ci/,
    );
  });
});
