const WORDS = 4;
const FIRST_CAPACITY = 1024;
/** Ids that somebody chose so that they fall on the same place must not make every look a long one. */
const LONGEST_PROBE = 256;
const UUID_LENGTH = 36;
const DASH = 45;
const [ZERO, NINE, SMALL_A, SMALL_F] = [48, 57, 97, 102];
const NO_DIGIT = -1;

/** 128 bits at a place of packed words, or the text; an id that is not written in small letters is another one. */
export type Id = Packed | string;
type Packed = Readonly<{ words: Uint32Array; at: number }>;

const digitOf = (code: number): number => {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  return code >= SMALL_A && code <= SMALL_F ? code - SMALL_A + 10 : NO_DIGIT;
};

/** Packs a UUID; false where it is not written in small letters. */
export const packId = (text: string, words: Uint32Array, at: number): boolean => {
  let [digits, word] = [0, 0];
  for (let index = 0; index < UUID_LENGTH; index += 1) {
    const code = text.charCodeAt(index);
    if (code === DASH) continue;
    const digit = digitOf(code);
    if (digit === NO_DIGIT) return false;
    word = (word << 4) | digit;
    digits += 1;
    if (digits % 8 === 0) words[at + digits / 8 - 1] = word;
  }
  return true;
};

export const idText = (id: Id): string => {
  if (typeof id === 'string') return id;
  const digits = Array.from(id.words.subarray(id.at, id.at + WORDS), (word) => word.toString(16).padStart(8, '0'));
  return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

export const isSameId = (a: Id, b: Id): boolean => {
  if (typeof a === 'string' || typeof b === 'string') return idText(a) === idText(b);
  for (let word = 0; word < WORDS; word += 1) if (a.words[a.at + word] !== b.words[b.at + word]) return false;
  return true;
};

/** Positions by ids, outside the heap: a million take 50 MB, and any number has room. */
export class IdTable {
  private words = new Uint32Array(FIRST_CAPACITY * WORDS);
  /** One more than the position; 0 where the place is free. */
  private places = new Float64Array(FIRST_CAPACITY);
  private used = 0;
  private readonly text = new Uint32Array(WORDS);
  /** Ids that cannot be packed, and those that have no place where they belong. */
  private readonly others = new Map<string, number>();

  get(id: Id): number | undefined {
    const packed = this.packed(id);
    const slot = packed && this.slotOf(packed);
    const place = slot === undefined ? 0 : (this.places[slot] as number);
    if (place > 0) return place - 1;
    return this.others.size === 0 ? undefined : this.others.get(idText(id));
  }

  /** @param id one that is not there yet */
  add(id: Id, position: number): void {
    if (this.used >= this.places.length / 2) this.grow();
    const packed = this.packed(id);
    const slot = packed && this.slotOf(packed);
    if (packed && slot !== undefined) this.put(slot, packed, position + 1);
    else this.others.set(idText(id), position);
  }

  private packed(id: Id): Packed | undefined {
    if (typeof id !== 'string') return id;
    return packId(id, this.text, 0) ? { words: this.text, at: 0 } : undefined;
  }

  private put(slot: number, { words, at }: Packed, place: number): void {
    for (let word = 0; word < WORDS; word += 1) this.words[slot * WORDS + word] = words[at + word] as number;
    this.places[slot] = place;
    this.used += 1;
  }

  /** Where an id is, or the free place where it belongs; undefined where neither is near. */
  private slotOf({ words, at }: Packed): number | undefined {
    const mask = this.places.length - 1;
    const [a, b, c, d] = [words[at], words[at + 1], words[at + 2], words[at + 3]] as [number, number, number, number];
    let mixed =
      Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
    mixed ^= mixed >>> 13;
    for (let step = 0; step < LONGEST_PROBE; step += 1) {
      const slot = (mixed + step) & mask;
      if (this.places[slot] === 0) return slot;
      const first = slot * WORDS;
      const own = this.words;
      if (own[first] === a && own[first + 1] === b && own[first + 2] === c && own[first + 3] === d) return slot;
    }
    return undefined;
  }

  private grow(): void {
    const { words, places } = this;
    this.words = new Uint32Array(words.length * 2);
    this.places = new Float64Array(places.length * 2);
    this.used = 0;
    for (let slot = 0; slot < places.length; slot += 1) {
      const place = places[slot] as number;
      if (place === 0) continue;
      const packed = { words, at: slot * WORDS };
      const found = this.slotOf(packed);
      if (found === undefined) this.others.set(idText(packed), place - 1);
      else this.put(found, packed, place);
    }
  }
}
