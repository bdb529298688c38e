/** How far two rankings of the same things agree. */
export type Ranked = Readonly<{
  /** Tau-b: 1 the same order, -1 the opposite; null where either ranks nothing. */
  tau: number | null;
  /** Exact one-sided p that they agree more than by chance; null where ties and too many things make it unaffordable. */
  above: number | null;
}>;

/** With ties every order is counted: 9! = 362,880. */
const MOST_WITH_TIES = 9;
/** Without, n! stays within what binary64 can hold. */
const MOST = 170;

const sign = (value: number): number => (value > 0 ? 1 : value < 0 ? -1 : 0);

/** Concordant pairs less discordant ones, and the pairs in which each side differs. */
const count = (x: readonly number[], y: readonly number[]) => {
  let [score, ofX, ofY] = [0, 0, 0];
  for (let i = 0; i < x.length; i += 1)
    for (let j = 0; j < i; j += 1) {
      const [dx, dy] = [sign((x[i] as number) - (x[j] as number)), sign((y[i] as number) - (y[j] as number))];
      [score, ofX, ofY] = [score + dx * dy, ofX + dx * dx, ofY + dy * dy];
    }
  return { score, ofX, ofY };
};

/** P(score >= the one seen) over all orders of n things without ties, by the numbers of their inversions. */
const aboveWithoutTies = (n: number, score: number): number => {
  let share: readonly number[] = [1];
  for (let size = 2; size <= n; size += 1) {
    const next = Array.from({ length: share.length + size - 1 }, () => 0);
    share.forEach((each, at) => {
      for (let more = 0; more < size; more += 1) next[at + more] = (next[at + more] as number) + each / size;
    });
    share = next;
  }
  const inversions = (share.length - 1 - score) / 2;
  return share.reduce((sum, each, at) => (at <= inversions ? sum + each : sum), 0);
};

/** The same with ties, by counting all orders of y, each by one exchange from the one before [Heap 1963]. */
const aboveByCounting = (x: readonly number[], y: readonly number[], score: number): number => {
  const [turned, places] = [[...y], y.map(() => 0)];
  let [hits, all] = [count(x, turned).score >= score ? 1 : 0, 1];
  for (let at = 0; at < turned.length;) {
    const place = places[at] as number;
    if (place >= at) {
      places[at] = 0;
      at += 1;
      continue;
    }
    const other = at % 2 === 0 ? 0 : place;
    [turned[at], turned[other]] = [turned[other] as number, turned[at] as number];
    places[at] = place + 1;
    at = 0;
    all += 1;
    if (count(x, turned).score >= score) hits += 1;
  }
  return hits / all;
};

/** Kendall's tau-b [1945] of two lists in the same order, with its exact p. */
export const kendall = (x: readonly number[], y: readonly number[]): Ranked => {
  if (x.length !== y.length) throw new RangeError(`${x.length} values and ${y.length}; must be as many`);
  const bad = [...x, ...y].find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new RangeError(`${bad} cannot be ranked; must be finite`);
  const { score, ofX, ofY } = count(x, y);
  if (ofX === 0 || ofY === 0) return { tau: null, above: null };
  const pairs = (x.length * (x.length - 1)) / 2;
  const tau = score / Math.sqrt(ofX * ofY);
  if (ofX === pairs && ofY === pairs && x.length <= MOST) return { tau, above: aboveWithoutTies(x.length, score) };
  return { tau, above: x.length <= MOST_WITH_TIES ? aboveByCounting(x, y, score) : null };
};
