import { bytesOf, requireDocuments } from './corpus.js';
import { NotText, decodeText } from './decode-text.js';
import { blockBytesFor, cutBlocks, cutCorpus, DEFAULT_CUT, splitOf } from './documents.js';
import { Rng } from './random.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Paragraphs of random words: text without repetition. */
const prose = (seed: string, bytes: number): string => {
  const rng = Rng.from(seed, 'prose');
  const word = (): string =>
    Array.from({ length: 3 + rng.below(6) }, () => String.fromCharCode(97 + rng.below(26))).join('');
  let text = '';
  while (text.length < bytes)
    text += `${Array.from({ length: 8 }, word).join(' ')}.${rng.below(6) === 0 ? '\n\n' : '\n'}`;
  return text;
};

describe('decodeText', () => {
  it('turns CRLF and lone CR into LF and drops a byte order mark', () => {
    expect(read(decodeText('a', encode('\uFEFFone\r\ntwo\rthree\n')))).toBe('one\ntwo\nthree\n');
  });

  it.each([
    ['little-endian', [0xff, 0xfe, 0x41, 0x00, 0xac, 0x20]],
    ['big-endian', [0xfe, 0xff, 0x00, 0x41, 0x20, 0xac]],
  ])('reads %s UTF-16', (_, bytes) => {
    expect(read(decodeText('a', Uint8Array.from(bytes)))).toBe('A€');
  });

  it('refuses binary and other encodings by name', () => {
    expect(() => decodeText('x.png', Uint8Array.of(137, 80, 0, 71))).toThrow('x.png: byte 2 is NUL');
    expect(() => decodeText('latin.txt', Uint8Array.of(104, 233, 104))).toThrow('latin.txt: no valid utf-8 text');
    expect(() => decodeText('odd.txt', Uint8Array.of(0xff, 0xfe, 0x41))).toThrow(NotText);
  });
});

describe('cutBlocks', () => {
  it('cuts at blank lines near the size, loses nothing, and leaves a small file whole', () => {
    const text = encode(prose('1', 40_000));
    const blocks = cutBlocks(text, 4096);
    expect(read(Uint8Array.from(blocks.flatMap((block) => [...block])))).toBe(read(text));
    for (const block of blocks.slice(0, -1)) {
      expect(read(block).endsWith('\n\n')).toBe(true);
      expect(block.length).toBeGreaterThanOrEqual(4096);
      expect(block.length).toBeLessThanOrEqual(6144);
    }
    expect(cutBlocks(text.subarray(0, 6000), 4096)).toHaveLength(1);
  });

  it('never cuts a character in two where there is no line end', () => {
    const blocks = cutBlocks(encode('€'.repeat(10_000)), 1024);
    expect(blocks.length).toBeGreaterThan(15);
    expect(blocks.every((block) => /^€+$/.test(read(block)))).toBe(true);
  });

  it('takes blocks of 1 to 4 KiB by the size of the corpus', () => {
    expect([10, 3_000_000, 100_000_000].map(blockBytesFor)).toEqual([1024, 1500, 4096]);
  });
});

describe('cutCorpus', () => {
  it('keeps every document once, gives it the split of its bytes, and leaves a gap where the split changes', () => {
    const text = prose('2', 300_000);
    const { corpus } = cutCorpus('own', [{ name: 'book.txt', bytes: encode(text) }]);
    let seen = 0;
    corpus.documents.forEach((document, at) => {
      const here = text.indexOf(read(bytesOf(corpus, document)));
      expect(here).toBeGreaterThanOrEqual(seen);
      const before = corpus.documents[at - 1];
      if (before) expect(here - seen).toBe(before.split === document.split ? 0 : 128);
      seen = here + document.bytes;
    });
    expect(new Set(corpus.documents.map(({ split }) => split))).toEqual(new Set(['train', 'scout', 'gate', 'report']));
  });

  it('leaves copies and near-copies out and counts them', () => {
    const files = Array.from({ length: 20 }, (_, at) => ({ name: `f${at}`, bytes: encode(prose(`d${at}`, 900)) }));
    const licence = prose('licence', 1000);
    const copies = [
      { name: 'a/LICENCE', bytes: encode(licence) },
      { name: 'b/LICENCE', bytes: encode(licence) },
      { name: 'c/LICENCE', bytes: encode(`Copyright somebody else.\n${licence}`) },
    ];
    const { corpus, duplicatesLeftOut } = cutCorpus('own', [...files, ...copies]);
    expect(duplicatesLeftOut).toBe(2);
    expect(corpus.documents.map(({ name }) => name).filter((name) => name.endsWith('LICENCE'))).toEqual(['a/LICENCE']);
  });

  it('joins tiny files, counts empty ones and what is too little for a document', () => {
    const tiny = Array.from({ length: 10 }, (_, at) => ({ name: `t${at}`, bytes: encode(prose(`t${at}`, 150)) }));
    const { corpus, tinyLeftOut } = cutCorpus('own', [...tiny, { name: 'empty', bytes: encode('') }]);
    expect(corpus.documents.length).toBeLessThan(5);
    expect(corpus.documents[0]?.name).toBe('t0 and 3 more');
    expect(read(corpus.text)).toContain(read((tiny[7] as (typeof tiny)[number]).bytes));
    expect(tinyLeftOut).toBe(1);
    expect(cutCorpus('own', [{ name: 'a', bytes: encode('short') }])).toMatchObject({ tinyLeftOut: 1 });
  });

  it('does not move a document when others come or go', () => {
    const files = Array.from({ length: 30 }, (_, at) => ({ name: `f${at}`, bytes: encode(prose(`d${at}`, 900)) }));
    const all = cutCorpus('own', files).corpus.documents;
    const half = cutCorpus('own', files.slice(15)).corpus.documents;
    for (const document of half) expect(document.split).toBe(all.find(({ name }) => name === document.name)?.split);
  });

  it('gives every split about its share', () => {
    const counts = { train: 0, scout: 0, gate: 0, shadow: 0, report: 0 };
    for (let at = 0; at < 5000; at += 1) counts[splitOf(encode(`document ${at}`), DEFAULT_CUT.shares)] += 1;
    expect(counts.shadow).toBe(0);
    expect(Math.abs(counts.train - 3200)).toBeLessThan(120);
    expect(Math.abs(counts.gate - 1000)).toBeLessThan(100);
  });

  it('refuses shares that do not sum to 100', () => {
    const shares = { ...DEFAULT_CUT.shares, gate: 30 };
    expect(() => cutCorpus('own', [], { shares, gapBytes: 128 })).toThrow('64/4/30/0/12');
  });

  it('says before anything is written what a small corpus lacks', () => {
    const { corpus } = cutCorpus('own', [{ name: 'a', bytes: encode(prose('3', 50_000)) }]);
    expect(() => requireDocuments(corpus, { gate: 100 }, 258)).toThrow(
      /corpus own: its gate split has \d+ documents of at least 258 bytes, 100 are needed; it has \d+ kB of distinct text, about \d{3,4} kB would do/,
    );
    expect(() => requireDocuments(corpus, { gate: 1, report: 1 }, 258)).not.toThrow();
  });
});
