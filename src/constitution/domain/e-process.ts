/**
 * The statistic of every paired rule: a test martingale that any language recomputes to the same bits. IEEE binary64,
 * round to nearest, gradual underflow, only + - * /, no fused multiply-add, in exactly this order:
 *
 *     threshold = 1 / alpha;  mirrorThreshold = 1 / mirrorAlpha
 *     scale = c + theta;      mirrorScale = c - theta            (both must be above 0)
 *     p = q = [1, 1, 1];  L = [0.1, 0.35, 0.95];  K = M = 1
 *     for d in differences:                                      (in the given order)
 *         if d is not finite:  K = 0; fail "not-a-number"
 *         if d < -c:           K = 0; fail "unit-below-bound"
 *         x = (d - theta) / scale
 *         for j in 0..2:  p[j] = p[j] * (1 + L[j] * x)
 *         K = ((p[0] + p[1]) + p[2]) / 3
 *         y = (theta - d) / mirrorScale
 *         for j in 0..2:  q[j] = d > c ? 0 : q[j] * (1 + L[j] * y)
 *         M = ((q[0] + q[1]) + q[2]) / 3
 *         if K is not finite:       K = 0; fail "not-a-number"
 *         if K >= threshold:        pass "crossed"
 *         if M >= mirrorThreshold:  fail "mirror-crossed"
 *     undecided "units-exhausted";  no units at all: fail "no-units"
 *
 * If the true mean difference is at most theta, K ever reaches 1 / alpha with probability at most alpha, whenever one
 * stops [Ville]. M is the same process for the opposite claim. `unitsRead` counts the unit at which reading stopped.
 */
export type EProcessInput = Readonly<{
  /** Candidate minus reference per independent unit, larger is better. */
  differences: readonly number[];
  /** The mean difference to be exceeded: minus the margin, or zero. */
  theta: number;
  /** c: the largest loss one unit may show. */
  largestLoss: number;
  alpha: number;
  mirrorAlpha: number;
}>;

export type EProcess = Readonly<{
  outcome: 'pass' | 'fail' | 'undecided';
  cause:
    'crossed' | 'mirror-crossed' | 'unit-below-bound' | 'not-a-number' | 'no-units' | 'no-room' | 'units-exhausted';
  eValue: number;
  mirroredEValue: number;
  unitsRead: number;
}>;

const inUnitInterval = (value: number): boolean => value > 0 && value <= 1;

/** Total: inputs that leave no valid process (NaN, c not above |theta|, alpha outside (0, 1]) fail as "no-room". */
export const eProcess = ({ differences, theta, largestLoss: c, alpha, mirrorAlpha }: EProcessInput): EProcess => {
  const scale = c + theta;
  const mirrorScale = c - theta;
  const finite = Number.isFinite(scale) && Number.isFinite(mirrorScale);
  if (!finite || scale <= 0 || mirrorScale <= 0 || !inUnitInterval(alpha) || !inUnitInterval(mirrorAlpha))
    return { outcome: 'fail', cause: 'no-room', eValue: 0, mirroredEValue: 1, unitsRead: 0 };
  if (differences.length === 0)
    return { outcome: 'fail', cause: 'no-units', eValue: 0, mirroredEValue: 1, unitsRead: 0 };

  const threshold = 1 / alpha;
  const mirrorThreshold = 1 / mirrorAlpha;
  let [p0, p1, p2, q0, q1, q2] = [1, 1, 1, 1, 1, 1];
  let [eValue, mirroredEValue, unitsRead] = [1, 1, 0];
  for (const d of differences) {
    unitsRead += 1;
    if (!Number.isFinite(d)) return { outcome: 'fail', cause: 'not-a-number', eValue: 0, mirroredEValue, unitsRead };
    if (d < -c) return { outcome: 'fail', cause: 'unit-below-bound', eValue: 0, mirroredEValue, unitsRead };
    const x = (d - theta) / scale;
    p0 = p0 * (1 + 0.1 * x);
    p1 = p1 * (1 + 0.35 * x);
    p2 = p2 * (1 + 0.95 * x);
    eValue = (p0 + p1 + p2) / 3;
    const y = (theta - d) / mirrorScale;
    q0 = d > c ? 0 : q0 * (1 + 0.1 * y);
    q1 = d > c ? 0 : q1 * (1 + 0.35 * y);
    q2 = d > c ? 0 : q2 * (1 + 0.95 * y);
    mirroredEValue = (q0 + q1 + q2) / 3;
    if (!Number.isFinite(eValue))
      return { outcome: 'fail', cause: 'not-a-number', eValue: 0, mirroredEValue, unitsRead };
    if (eValue >= threshold) return { outcome: 'pass', cause: 'crossed', eValue, mirroredEValue, unitsRead };
    if (mirroredEValue >= mirrorThreshold)
      return { outcome: 'fail', cause: 'mirror-crossed', eValue, mirroredEValue, unitsRead };
  }
  return { outcome: 'undecided', cause: 'units-exhausted', eValue, mirroredEValue, unitsRead };
};
