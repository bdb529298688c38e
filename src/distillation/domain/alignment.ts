/**
 * How well a student's hidden states tell the teacher's: of the representation alone, not of what the student can do. Sums
 * run in the order of rows and columns, in fp64 out of + - * / and square roots, so that every engine gives the same bits.
 */
export type Alignment = Readonly<{
  /** Share of the teacher's held-out variance that the best linear map of the student's states explains; may be below 0. */
  r2: number;
  /** Root of what it leaves over the root of all, ||t - map(s)|| / ||t||. */
  relativeError: number;
  /** Debiased linear CKA [Kornblith 2019; the unbiased estimator of HSIC, Song 2012]; about 0 where nothing is shared. */
  cka: number;
}>;

/** Rows of `width` values, one row for each position. */
export type States = Readonly<{ values: Float32Array; width: number }>;

/** So much of the mean square of a channel is added to it, so that channels that say the same do not undo the map. */
const RIDGE = 1e-6;

const rowsOf = ({ values, width }: States): number => values.length / width;

const columnMeans = (states: States): Float64Array => {
  const { values, width } = states;
  const rows = rowsOf(states);
  const means = new Float64Array(width);
  for (let row = 0; row < rows; row += 1)
    for (let j = 0; j < width; j += 1) means[j] = (means[j] as number) + (values[row * width + j] as number);
  return means.map((sum) => sum / rows);
};

/** x^T y of two sets of rows, less their means where these are given. */
const crossProduct = (x: States, y: States, mx?: Float64Array, my?: Float64Array): Float64Array => {
  const product = new Float64Array(x.width * y.width);
  const row = new Float64Array(y.width);
  for (let at = 0; at < rowsOf(x); at += 1) {
    for (let j = 0; j < y.width; j += 1) row[j] = (y.values[at * y.width + j] as number) - (my?.[j] ?? 0);
    for (let i = 0; i < x.width; i += 1) {
      const value = (x.values[at * x.width + i] as number) - (mx?.[i] ?? 0);
      for (let j = 0; j < y.width; j += 1)
        product[i * y.width + j] = (product[i * y.width + j] as number) + value * (row[j] as number);
    }
  }
  return product;
};

/** Solves a x = b for symmetric positive a (n by n) and b (n by m) by Cholesky; both are overwritten, b becomes x. */
const solve = (a: Float64Array, b: Float64Array, n: number, m: number): void => {
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = a[i * n + j] as number;
      for (let k = 0; k < j; k += 1) sum -= (a[i * n + k] as number) * (a[j * n + k] as number);
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / (a[j * n + j] as number);
    }
  for (let c = 0; c < m; c += 1) {
    for (let i = 0; i < n; i += 1) {
      let sum = b[i * m + c] as number;
      for (let k = 0; k < i; k += 1) sum -= (a[i * n + k] as number) * (b[k * m + c] as number);
      b[i * m + c] = sum / (a[i * n + i] as number);
    }
    for (let i = n - 1; i >= 0; i -= 1) {
      let sum = b[i * m + c] as number;
      for (let k = i + 1; k < n; k += 1) sum -= (a[k * n + i] as number) * (b[k * m + c] as number);
      b[i * m + c] = sum / (a[i * n + i] as number);
    }
  }
};

type Fit = Readonly<{ map: Float64Array; student: Float64Array; teacher: Float64Array }>;

/** Least squares of the teacher's states on the student's, with a constant. */
const fitMap = (student: States, teacher: States): Fit => {
  const [ms, mt] = [columnMeans(student), columnMeans(teacher)];
  const { width } = student;
  const gram = crossProduct(student, student, ms, ms);
  let trace = 0;
  for (let i = 0; i < width; i += 1) trace += gram[i * width + i] as number;
  // Of a student that says nothing at all every map is the best one.
  const added = trace > 0 ? (RIDGE * trace) / width : 1;
  for (let i = 0; i < width; i += 1) gram[i * width + i] = (gram[i * width + i] as number) + added;
  const map = crossProduct(student, teacher, ms, mt);
  solve(gram, map, width, teacher.width);
  return { map, student: ms, teacher: mt };
};

const judgeMap = (fit: Fit, student: States, teacher: States): Omit<Alignment, 'cka'> => {
  const means = columnMeans(teacher);
  let [left, varied, whole] = [0, 0, 0];
  const said = new Float64Array(teacher.width);
  for (let at = 0; at < rowsOf(student); at += 1) {
    said.set(fit.teacher);
    for (let i = 0; i < student.width; i += 1) {
      const value = (student.values[at * student.width + i] as number) - (fit.student[i] as number);
      for (let j = 0; j < teacher.width; j += 1)
        said[j] = (said[j] as number) + value * (fit.map[i * teacher.width + j] as number);
    }
    for (let j = 0; j < teacher.width; j += 1) {
      const is = teacher.values[at * teacher.width + j] as number;
      const [missed, apart] = [is - (said[j] as number), is - (means[j] as number)];
      left += missed * missed;
      varied += apart * apart;
      whole += is * is;
    }
  }
  return { r2: 1 - left / varied, relativeError: Math.sqrt(left / whole) };
};

/** Of one set of rows k_ii of the linear kernel, and the sums of its rows without the diagonal. */
const kernelSums = (x: States): Readonly<{ diagonal: Float64Array; rows: Float64Array; all: number }> => {
  const count = rowsOf(x);
  const sums = columnMeans(x).map((mean) => mean * count);
  const [diagonal, rows] = [new Float64Array(count), new Float64Array(count)];
  let all = 0;
  for (let at = 0; at < count; at += 1) {
    let [square, sum] = [0, 0];
    for (let j = 0; j < x.width; j += 1) {
      const value = x.values[at * x.width + j] as number;
      square += value * value;
      sum += value * (sums[j] as number);
    }
    diagonal[at] = square;
    rows[at] = sum - square;
    all += sum - square;
  }
  return { diagonal, rows, all };
};

/** Unbiased HSIC with linear kernels, up to the factor 1 / (n (n - 3)) that cancels in CKA; without any n by n matrix. */
const hsic = (x: States, y: States): number => {
  const n = rowsOf(x);
  const [kx, ky] = [kernelSums(x), kernelSums(y)];
  let trace = 0;
  for (const value of crossProduct(x, y)) trace += value * value;
  let rows = 0;
  for (let at = 0; at < n; at += 1) {
    trace -= (kx.diagonal[at] as number) * (ky.diagonal[at] as number);
    rows += (kx.rows[at] as number) * (ky.rows[at] as number);
  }
  return trace + (kx.all * ky.all) / ((n - 1) * (n - 2)) - (2 * rows) / (n - 2);
};

/** Large means would cancel in the sums: the kernels are of centred rows, which changes no HSIC but its rounding. */
const centred = (x: States): States => {
  const means = columnMeans(x);
  return { width: x.width, values: x.values.map((value, at) => value - (means[at % x.width] as number)) };
};

const debiasedCka = (x: States, y: States): number => {
  const [a, b] = [centred(x), centred(y)];
  const scale = hsic(a, a) * hsic(b, b);
  return scale > 0 ? hsic(a, b) / Math.sqrt(scale) : 0;
};

export type Held = Readonly<{ student: States; teacher: States }>;

/** @param fitted what the map is fitted on; held: other positions, which alone say how good it is */
export const alignmentOf = (fitted: Held, held: Held): Alignment => ({
  ...judgeMap(fitMap(fitted.student, fitted.teacher), held.student, held.teacher),
  cka: debiasedCka(held.student, held.teacher),
});
