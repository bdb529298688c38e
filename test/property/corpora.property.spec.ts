import fc from 'fast-check';
import { bytesOf } from '#corpus/domain/corpus.js';
import { decodeText } from '#corpus/domain/decode-text.js';
import { cutBlocks, cutCorpus } from '#corpus/domain/documents.js';
import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { overlapping } from '#corpus/domain/shingles.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const lines = fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 400 });
const text = lines.map((all) => all.join('\n').replaceAll('\u0000', ' ').replaceAll('\r', ' '));
const files = fc
  .array(text, { maxLength: 6 })
  .map((all) => all.map((one, at) => ({ name: `f${at}`, bytes: encode(one) })));

describe('documents', () => {
  it('blocks put together are the file, and each is valid UTF-8', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 64, max: 600 }), (whole, blockBytes) => {
        const blocks = cutBlocks(encode(whole), blockBytes);
        const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
        expect(blocks.map((block) => strict.decode(block)).join('')).toBe(whole);
      }),
    );
  });

  it('tile the text of the corpus: no byte in two documents, none outside', () => {
    fc.assert(
      fc.property(files, (given) => {
        const { corpus } = cutCorpus('own', given);
        let end = 0;
        for (const document of corpus.documents) {
          expect(document.offset).toBe(end);
          end += document.bytes;
        }
        expect(end).toBe(corpus.text.length);
        const distinct = new Set(
          corpus.documents.map((document) => Buffer.from(bytesOf(corpus, document)).toString('hex')),
        );
        expect(distinct.size).toBe(corpus.documents.length);
        expect(cutCorpus('own', given)).toEqual(cutCorpus('own', given));
      }),
    );
  });

  it('line ends and byte order marks do not change a document', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const plain = decodeText('a', encode(whole.replace(/^\uFEFF/, '')));
        const dressed = encode(`\uFEFF${whole.replace(/^\uFEFF/, '').replaceAll('\n', '\r\n')}`);
        expect(decodeText('a', dressed)).toEqual(plain);
      }),
    );
  });
});

describe('overlapping', () => {
  const letters = fc.uint8Array({ min: 97, max: 98, minLength: 64, maxLength: 220 });

  it('agrees with a search for every 64 bytes of every window', () => {
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 5 }), letters, fc.nat(200), (windows, given, at) => {
        // One window is copied into the text, since random letters seldom agree for so long.
        const planted = Uint8Array.from([...given.subarray(0, at), ...(windows[0]?.subarray(0, 80) ?? [])]);
        const haystack = Buffer.from(planted).toString('latin1');
        const naive = windows.flatMap((window, index) => {
          const needle = Buffer.from(window).toString('latin1');
          const starts = Array.from({ length: needle.length - 63 }, (_, start) => needle.slice(start, start + 64));
          return starts.some((shingle) => haystack.includes(shingle)) ? [index] : [];
        });
        expect([...overlapping(windows, [planted])].sort()).toEqual(naive);
      }),
    );
  });
});

describe('PLSQ', () => {
  it('round trip', () => {
    const sequence = fc.record({
      tokens: fc.uint8Array({ minLength: 64, maxLength: 64 }),
      targets: fc.uint8Array({ minLength: 64, maxLength: 64 }),
      mask: fc.uint8Array({ max: 1, minLength: 64, maxLength: 64 }),
    });
    fc.assert(
      fc.property(fc.array(sequence, { minLength: 1, maxLength: 6 }), (sequences) => {
        expect(decodeSequences(encodeSequences(sequences))).toEqual(sequences);
      }),
    );
  });
});
