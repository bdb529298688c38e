/** What to learn next: weights over domains, out of scout losses alone. */
export const POLICIES = ['uniform', 'learning-progress', 'uncertainty', 'frozen'] as const;
export type Policy = (typeof POLICIES)[number];

/** A domain that may be trained on, and the loss of a guess in it: what its scout losses are divided by. */
export type AllocatedDomain = Readonly<{ name: string; entropyNats: number }>;

type Trace = Readonly<{ fast: number; slow: number; last: number }>;

/** What a policy remembers: moving means of each domain's scout loss, in nats per scored position. */
export type AllocationState = Readonly<Record<string, Trace>>;

export type Allocation = Readonly<{
  policy: Policy;
  /** False for `frozen`: no update follows; its weights are uniform and unused. */
  trains: boolean;
  /** Sums to 1,000,000. */
  weightsPpm: Readonly<Record<string, number>>;
  /** What the policy saw in each domain: learning progress or loss over entropy; 0 where it looks at nothing. */
  scores: Readonly<Record<string, number>>;
}>;

export const initialAllocation: AllocationState = {};

const FAST = 0.5;
const SLOW = 0.125;
const LEAST_EXPLORATION = 0.3;
const MILLION = 1_000_000;

/** Folds one cycle's scout losses in. The first loss of a domain starts both means. */
export const observeScoutLosses = (
  state: AllocationState,
  lossesNats: Readonly<Record<string, number>>,
): AllocationState => {
  const next: Record<string, Trace> = { ...state };
  for (const [domain, loss] of Object.entries(lossesNats)) {
    if (!Number.isFinite(loss)) throw new RangeError(`scout loss of ${domain}: ${loss} is not finite`);
    const { fast, slow } = state[domain] ?? { fast: loss, slow: loss };
    next[domain] = { fast: fast + FAST * (loss - fast), slow: slow + SLOW * (loss - slow), last: loss };
  }
  return next;
};

/**
 * Whole millionths that sum to exactly 1,000,000, as near to the shares as can be: every share rounded down, then one
 * more for the largest remainders, the earlier domain first among equals.
 */
export const apportion = (shares: readonly number[]): readonly number[] => {
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (shares.length === 0 || !(total > 0) || !Number.isFinite(total) || shares.some((share) => share < 0))
    throw new RangeError(`shares [${shares.join(', ')}]: needed are finite shares, none below 0, with a sum above 0`);
  const exact = shares.map((share) => (share / total) * MILLION);
  const whole = exact.map(Math.floor);
  const missing = MILLION - whole.reduce((sum, part) => sum + part, 0);
  const byRemainder = exact
    .map((value, at) => ({ at, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.at - b.at);
  for (const { at } of byRemainder.slice(0, missing)) whole[at] = (whole[at] as number) + 1;
  return whole;
};

const scoreOf = (policy: Policy, domain: AllocatedDomain, state: AllocationState): number => {
  const trace = state[domain.name];
  if (!trace) return 0;
  if (policy === 'learning-progress') return Math.abs(trace.fast - trace.slow) / domain.entropyNats;
  return policy === 'uncertainty' ? trace.last / domain.entropyNats : 0;
};

/**
 * Weights for the next update: `(1 - e) score_i / sum + e / K`, with exploration e (at least 0.3). Where no domain has
 * a score yet, and for `uniform` and `frozen`, all weights are equal.
 */
export const allocate = (
  policy: Policy,
  domains: readonly AllocatedDomain[],
  state: AllocationState,
  exploration = LEAST_EXPLORATION,
): Allocation => {
  if (!(exploration >= LEAST_EXPLORATION && exploration <= 1))
    throw new RangeError(`exploration: ${exploration}, must be ${LEAST_EXPLORATION} to 1`);
  const scores = domains.map((domain) => scoreOf(policy, domain, state));
  const total = scores.reduce((sum, score) => sum + score, 0);
  const even = 1 / domains.length;
  const shares = scores.map((score) => (total > 0 ? (1 - exploration) * (score / total) + exploration * even : even));
  const weights = apportion(shares);
  const named = (values: readonly number[]): Readonly<Record<string, number>> =>
    Object.fromEntries(domains.map((domain, at) => [domain.name, values[at] as number]));
  return { policy, trains: policy !== 'frozen', weightsPpm: named(weights), scores: named(scores) };
};
