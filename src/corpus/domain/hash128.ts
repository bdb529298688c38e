/** Four unsigned 32-bit words. */
export type Words = readonly [number, number, number, number];

// Local names: a sandbox such as the test runner's makes every look-up of a global slow.
const { imul } = Math;

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
const scramble = (k: number, first: number, by: number, second: number): number =>
  imul(rotate(imul(k, first), by), second);

const finish = (x: number): number => {
  let h = imul(x ^ (x >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/** MurmurHash3_x86_128 of some bytes: the same in every language, fast, and no defence against an adversary. */
export const hash128 = (bytes: Uint8Array, seed = 0): Words => {
  let [h1, h2, h3, h4] = [seed, seed, seed, seed];
  const whole = bytes.length - (bytes.length % 16);
  const word = (at: number): number =>
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  for (let at = 0; at < whole; at += 16) {
    h1 ^= scramble(word(at), C1, 15, C2);
    h1 = (imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= scramble(word(at + 4), C2, 16, C3);
    h2 = (imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= scramble(word(at + 8), C3, 17, C4);
    h3 = (imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= scramble(word(at + 12), C4, 18, C1);
    h4 = (imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  // Bytes after the end read as zero, and a zero word leaves its lane unchanged.
  h1 ^= scramble(word(whole), C1, 15, C2) ^ bytes.length;
  h2 ^= scramble(word(whole + 4), C2, 16, C3) ^ bytes.length;
  h3 ^= scramble(word(whole + 8), C3, 17, C4) ^ bytes.length;
  h4 ^= scramble(word(whole + 12), C4, 18, C1) ^ bytes.length;
  const sum = (h1 + h2 + h3 + h4) | 0;
  [h1, h2, h3, h4] = [finish(sum), finish((h2 + sum) | 0), finish((h3 + sum) | 0), finish((h4 + sum) | 0)];
  const total = h1 + h2 + h3 + h4;
  return [total >>> 0, (h2 + total) >>> 0, (h3 + total) >>> 0, (h4 + total) >>> 0];
};
