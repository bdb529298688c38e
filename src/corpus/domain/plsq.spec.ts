import { SequenceBlob, decodeSequences, encodeSequences } from './plsq.js';

const sequence = (fill: number): { tokens: Uint8Array; targets: Uint8Array; mask: Uint8Array } => ({
  tokens: new Uint8Array(64).fill(fill),
  targets: new Uint8Array(64).fill(fill + 1),
  mask: new Uint8Array(64).fill(1, 10, 20),
});

describe('PLSQ', () => {
  it('lays out magic, count, length, then tokens, targets and mask of each sequence', () => {
    const bytes = encodeSequences([sequence(3), sequence(7)]);
    expect(new TextDecoder().decode(bytes.subarray(0, 8))).toBe('PLSQ0001');
    expect([...bytes.subarray(8, 16)]).toEqual([2, 0, 0, 0, 64, 0, 0, 0]);
    expect(bytes.length).toBe(16 + 2 * 3 * 64);
    expect([bytes[16], bytes[16 + 64], bytes[16 + 128 + 9], bytes[16 + 128 + 10]]).toEqual([3, 4, 0, 1]);
    expect(bytes[16 + 192]).toBe(7);
  });

  it('scores every byte of a text after its first', () => {
    const blob = new SequenceBlob(1, 64);
    blob.addText(Uint8Array.from({ length: 65 }, (_, at) => at));
    const [only] = decodeSequences(blob.finish());
    expect([only?.tokens[0], only?.tokens[63], only?.targets[0], only?.targets[63]]).toEqual([0, 63, 1, 64]);
    expect(only?.mask.every((scored) => scored === 1)).toBe(true);
  });

  it('refuses lengths that are no multiple of 64, nothing, too few and too many sequences', () => {
    expect(() => new SequenceBlob(1, 100)).toThrow('sequence length 100: must be a positive multiple of 64');
    expect(() => encodeSequences([])).toThrow('multiple of 64');
    expect(() => new SequenceBlob(0, 64)).toThrow('0 sequences');
    const blob = new SequenceBlob(1, 64);
    expect(() => blob.finish()).toThrow('0 sequences written, 1 promised');
    blob.add(sequence(1));
    expect(() => blob.add(sequence(1))).toThrow('more than 1 sequences');
    expect(() => new SequenceBlob(1, 128).add(sequence(1))).toThrow('64 tokens, must be 128');
  });

  it('refuses bytes that are no blob, are cut or have a tail', () => {
    const bytes = encodeSequences([sequence(3)]);
    expect(() => decodeSequences(bytes.subarray(0, 10))).toThrow('must begin with PLSQ0001');
    expect(() => decodeSequences(bytes.subarray(0, 100))).toThrow('100 bytes: 1 sequences of 64 take 208');
    const other = bytes.slice();
    other[0] = 88;
    expect(() => decodeSequences(other)).toThrow('must begin with PLSQ0001');
  });
});
