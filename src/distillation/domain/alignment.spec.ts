import { Rng } from '#corpus/domain/random.js';
import { alignmentOf, type States } from './alignment.js';

const ROWS = 60;

/** Sums of twelve uniform draws: as good as normal. */
const drawn = (label: string, width: number): States => {
  const rng = Rng.from('alignment', label);
  const normal = (): number => Array.from({ length: 12 }, () => rng.uniform()).reduce((sum, one) => sum + one, -6);
  return { width, values: Float32Array.from({ length: ROWS * width }, normal) };
};

const mapped = ({ values, width }: States, map: readonly (readonly number[])[], shift: number): States => {
  const rows = values.length / width;
  const out = new Float32Array(rows * map.length);
  for (let row = 0; row < rows; row += 1)
    map.forEach((weights, to) => {
      out[row * map.length + to] = weights.reduce((sum, w, from) => sum + w * (values[row * width + from] ?? 0), shift);
    });
  return { width: map.length, values: out };
};

const MAP = [
  [2, 0, -1],
  [0.5, 1, 0],
] as const;

/** HSIC_1 of Song et al. (2012), word for word, with n by n kernels. */
const naiveHsic = (x: States, y: States): number => {
  const n = x.values.length / x.width;
  const kernel = ({ values, width }: States): number[][] =>
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (__, j) => {
        let dot = 0;
        for (let c = 0; c < width; c += 1) dot += (values[i * width + c] ?? 0) * (values[j * width + c] ?? 0);
        return i === j ? 0 : dot;
      }),
    );
  const [k, l] = [kernel(x), kernel(y)];
  let [trace, sumK, sumL, cross] = [0, 0, 0, 0];
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j < n; j += 1) {
      trace += (k[i]?.[j] ?? 0) * (l[j]?.[i] ?? 0);
      sumK += k[i]?.[j] ?? 0;
      sumL += l[i]?.[j] ?? 0;
      for (let m = 0; m < n; m += 1) cross += (k[i]?.[j] ?? 0) * (l[j]?.[m] ?? 0);
    }
  return (trace + (sumK * sumL) / ((n - 1) * (n - 2)) - (2 * cross) / (n - 2)) / (n * (n - 3));
};

describe('a teacher that is a linear function of its student', () => {
  const [fitted, held] = ['fit', 'held'].map((label) => {
    const student = drawn(label, 3);
    return { student, teacher: mapped(student, MAP, 7) };
  }) as [{ student: States; teacher: States }, { student: States; teacher: States }];

  it('is told without error, its constant too', () => {
    const { r2, relativeError } = alignmentOf(fitted, held);
    expect(r2).toBeCloseTo(1, 8);
    expect(relativeError).toBeLessThan(1e-4);
  });

  it('is judged on held-out rows: another map there is an error', () => {
    const other = { student: held.student, teacher: mapped(held.student, [MAP[1], MAP[0]], 7) };
    expect(alignmentOf(fitted, other).r2).toBeLessThan(0.5);
  });
});

it('nothing in common explains nothing and has a CKA about 0, where a biased one would be far above', () => {
  const pair = (label: string): { student: States; teacher: States } => ({
    student: drawn(`${label} student`, 12),
    teacher: drawn(`${label} teacher`, 12),
  });
  const { r2, cka } = alignmentOf(pair('fit'), pair('held'));
  expect(r2).toBeLessThan(0.1);
  // Independent rows of 12 channels have a biased CKA of about 12 / 60.
  expect(Math.abs(cka)).toBeLessThan(0.08);
});

it('is CKA by the definition with whole kernels, unchanged by a turn, a scale and a shift', () => {
  const student = drawn('cka', 4);
  const noise = drawn('noise', 2);
  const clean = mapped(
    student,
    [
      [1, 1, 0, 0],
      [0, 1, -1, 2],
    ],
    3,
  );
  const teacher = { width: 2, values: clean.values.map((value, at) => value + (noise.values[at] ?? 0)) };
  const expected = naiveHsic(student, teacher) / Math.sqrt(naiveHsic(student, student) * naiveHsic(teacher, teacher));
  const held = { student, teacher };
  expect(alignmentOf(held, held).cka).toBeCloseTo(expected, 5);
  const turned = {
    width: 2,
    values: teacher.values.map((_, at, all) => (at % 2 === 0 ? -(all[at + 1] ?? 0) : (all[at - 1] ?? 0)) * 5 + 1),
  };
  expect(alignmentOf(held, { student, teacher: turned }).cka).toBeCloseTo(expected, 5);
});
