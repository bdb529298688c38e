import { hiddenStates, MalformedTraces, shuffledOrder, shuffleTraces, traceShape } from './pltr.js';

const [COUNT, LENGTH, LOGITS, WIDTH] = [5, 64, 2, 3];
const LAYERS = [1, 4];
const RECORD = LENGTH * (1 + LOGITS + 4 * LOGITS + 4 * WIDTH * LAYERS.length);

/** Every value of a record says which sequence, layer, position and channel it is. */
const valueAt = (sequence: number, layer: number, at: number): number => sequence * 10_000 + layer * 1_000 + at;

const traces = (): Uint8Array => {
  const head = 28 + 4 * LAYERS.length + 64;
  const bytes = new Uint8Array(head + COUNT * RECORD);
  bytes.set(new TextEncoder().encode('PLTR0001'));
  const view = new DataView(bytes.buffer);
  [COUNT, LENGTH, LOGITS, WIDTH, LAYERS.length, ...LAYERS].forEach((word, at) =>
    view.setUint32(8 + 4 * at, word, true),
  );
  for (let sequence = 0; sequence < COUNT; sequence += 1) {
    const at = head + sequence * RECORD;
    bytes.fill(100 + sequence, at, at + LENGTH);
    bytes.fill(200 + sequence, at + LENGTH, at + LENGTH * (1 + LOGITS + 4 * LOGITS));
    const hidden = at + LENGTH * (1 + LOGITS + 4 * LOGITS);
    LAYERS.forEach((layer, nth) => {
      for (let i = 0; i < LENGTH * WIDTH; i += 1)
        view.setFloat32(hidden + 4 * (nth * LENGTH * WIDTH + i), valueAt(sequence, layer, i), true);
    });
  }
  return bytes;
};

it('reads the hidden states of a layer, of the sequences asked for, in that order', () => {
  const states = hiddenStates(traces(), 4, [3, 0]);
  expect(states).toHaveLength(2 * LENGTH * WIDTH);
  expect(Array.from(states.subarray(0, 2))).toEqual([valueAt(3, 4, 0), valueAt(3, 4, 1)]);
  expect(states.at(-1)).toBe(valueAt(0, 4, LENGTH * WIDTH - 1));
  expect(hiddenStates(traces(), 1, [2])[5]).toBe(valueAt(2, 1, 5));
});

it.each([
  ['cut off', traces().subarray(0, -1), /bytes/],
  ['something else', new Uint8Array(64), /PLTR0001/],
])('refuses what is %s', (_, bytes, message) => {
  expect(() => traceShape(bytes)).toThrow(MalformedTraces);
  expect(() => traceShape(bytes)).toThrow(message);
});

it('knows only what was traced', () => {
  expect(() => hiddenStates(traces(), 2, [0])).toThrow(/layer 2 was not traced; there are 1, 4/);
  expect(() => hiddenStates(traces(), 1, [COUNT])).toThrow(/there are 5/);
});

describe('shuffled traces', () => {
  const order = shuffledOrder('7', COUNT);
  const shuffled = shuffleTraces(traces(), '7');

  it('keep the tokens where they are and bring everything else from the sequence that was drawn', () => {
    const { headBytes, recordBytes } = traceShape(shuffled);
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(order).not.toEqual([0, 1, 2, 3, 4]);
    for (let to = 0; to < COUNT; to += 1) {
      const at = headBytes + to * recordBytes;
      expect(shuffled[at + LENGTH - 1]).toBe(100 + to);
      expect(shuffled[at + LENGTH]).toBe(200 + (order[to] ?? 0));
      expect(hiddenStates(shuffled, 4, [to])).toEqual(hiddenStates(traces(), 4, [order[to] ?? 0]));
    }
  });

  it('come back to each sequence after all others, so that none has its own', () => {
    for (let count = 2; count <= 9; count += 1)
      for (let seed = 0; seed < 20; seed += 1) {
        const next = shuffledOrder(String(seed), count);
        const visited = new Set<number>();
        for (let at = 0; !visited.has(at); at = next[at] ?? 0) visited.add(at);
        expect(visited.size).toBe(count);
      }
  });

  it('are another draw for another seed', () =>
    expect(Array.from({ length: 20 }, (_, seed) => shuffledOrder(String(seed), COUNT).join())).not.toEqual(
      Array.from({ length: 20 }, () => order.join()),
    ));
});
