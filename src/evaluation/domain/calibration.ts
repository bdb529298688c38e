/** Bins of the expected calibration error; each holds as many bytes as the next. */
export const ECE_BINS = 15;
/** Share of bytes, in percent, that prediction sets are to hold the right answer for. */
export const COVERAGE_PERCENT = 90;

/** The bytes of one bin: positions in the order of falling confidence. */
const edge = (bin: number, count: number): number => Math.floor((bin * count) / ECE_BINS);

/** First place of a value among falling ones; what is not a number stands before all others. */
const firstPlaceOf = (value: number, falling: Float64Array): number => {
  let [low, high] = [0, Number.isNaN(value) ? 0 : falling.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((falling[middle] as number) <= value) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Positions by falling confidence, equals in the order given. By places among the sorted values, since a sort that asks back takes ten times as long. */
export const byFallingConfidence = (confidence: Float64Array): Uint32Array => {
  const falling = confidence.toSorted().reverse();
  const taken = new Uint32Array(falling.length);
  const order = new Uint32Array(falling.length);
  confidence.forEach((value, at) => {
    const first = firstPlaceOf(value, falling);
    order[first + (taken[first] as number)] = at;
    taken[first] = (taken[first] as number) + 1;
  });
  return order;
};

/** Sum of the confidence in each bin of equal mass, the most confident first. @param order see {@link byFallingConfidence} */
export const confidenceSums = (confidence: Float64Array, order: Uint32Array): number[] =>
  Array.from({ length: ECE_BINS }, (_, bin) => {
    let sum = 0;
    for (let at = edge(bin, order.length); at < edge(bin + 1, order.length); at += 1)
      sum += confidence[order[at] as number] as number;
    return sum;
  });

/**
 * Expected calibration error with bins of equal mass [Naeini 2015; Nixon 2019]: how far the confidence stands from the
 * share of right answers, mean over all bytes, 0 to 1. @param right by falling confidence
 */
export const expectedCalibrationError = (sums: readonly number[], right: Uint8Array): number => {
  let total = 0;
  sums.forEach((confidence, bin) => {
    let correct = 0;
    for (let at = edge(bin, right.length); at < edge(bin + 1, right.length); at += 1) correct += right[at] as number;
    total += confidence < correct ? correct - confidence : confidence - correct;
  });
  return total / right.length;
};

/**
 * Area under the risk-coverage curve [Geifman & El-Yaniv 2017]: the share of wrong answers among the n most confident ones,
 * mean over n = 1 .. all. 0 is best. @param right by falling confidence
 */
export const areaUnderRiskCoverage = (right: Uint8Array): number => {
  let [wrong, risks] = [0, 0];
  right.forEach((correct, at) => {
    wrong += 1 - correct;
    risks += wrong / (at + 1);
  });
  return risks / right.length;
};

/**
 * Split conformal prediction with the score 1 - p [Sadinle, Lei & Wasserman 2019]: the least probability of a byte that a
 * set must hold, so that the sets of exchangeable bytes hold the right one in 90% of cases or more; 0 (every byte) where
 * there are too few. @param likelihoods probability of each right byte that is calibrated on
 */
export const conformalThreshold = (likelihoods: Float64Array): number => {
  const rank = Math.ceil(((likelihoods.length + 1) * COVERAGE_PERCENT) / 100);
  const falling = Float64Array.from(likelihoods).sort().reverse();
  return falling[rank - 1] ?? 0;
};
