import { Rng } from '#corpus/domain/random.js';
import type { Constitution } from './document.js';
import type { Evidence } from './evidence.js';
import { alphaShare, judgeWellFormed } from './judge.js';
import { pairedOutcome } from './paired-rule.js';
import type { PairedRule, Rule } from './rules.js';
import type { Reason } from './verdict.js';

/** One metric as a gate will measure it: `sd` of one unit's paired difference and the reference's mean, in its unit. */
export type MeasuredMetric = Readonly<{ metric: string; units: number; sd: number; referenceMean: number }>;

/** A candidate's true effect: points of accuracy gained, percent of bits per byte lost, and of the Brier score with them. */
export type Effect = Readonly<{ gainPoints: number; degradationPercent: number }>;

export type Shares = Readonly<{ accept: number; reject: number; inconclusive: number }>;

/** Mean 0, variance 1: the sum of twelve uniform 16-bit draws, centred; exact in binary64 and without a logarithm. */
const standardDraw = (rng: Rng): number => {
  let sum = 0;
  for (let pair = 0; pair < 6; pair += 1) {
    const word = rng.next();
    sum += (word >>> 16) + (word & 0xffff);
  }
  return (sum + 6) / 65536 - 6;
};

/** The unit-by-unit noise of one simulated evaluation; a longer reading begins with the shorter one. */
export function* noise(seed: string, metric: string, simulation: number): Generator<number, never> {
  const rng = Rng.from(seed, 'power', metric).branch(simulation);
  for (;;) yield standardDraw(rng);
}

/** The true mean paired difference (larger is better) that an effect makes in a rule's metric. */
export const trueDifference = (rule: PairedRule, effect: Effect, referenceMean: number): number =>
  rule.measure === 'accuracy' ? effect.gainPoints / 100 : (-effect.degradationPercent / 100) * referenceMean;

const isPaired = (rule: Rule): rule is PairedRule =>
  rule.kind === 'NON-INFERIORITY' || rule.kind === 'SUPERIORITY' || rule.kind === 'PROGRESS';

export const pairedRules = ({ rules }: Constitution): readonly PairedRule[] => rules.filter(isPaired);

/** The most of anything that an EVIDENCE rule of the document asks for. */
const askedOf = ({ rules }: Constitution): number =>
  Math.max(...rules.map((rule) => (rule.kind === 'EVIDENCE' ? rule.atLeast : 0)));

/** Evidence in which every rule passes but, as it may be, those that read the lineage or paired units. */
export const simulatedEvidence = (
  constitution: Constitution,
  lineage: Evidence['lineage'],
  paired: Evidence['paired'],
): Evidence => {
  const asked = askedOf(constitution);
  const evaluators = Array.from({ length: asked }, (_, at) => ({ name: `simulated-${at}`, build: '-', agreed: true }));
  return {
    candidate: '0'.repeat(64),
    finite: true,
    architectureUnchanged: true,
    budgets: { steps: 0, tokens: 0, klNatsPerByte: 0, weightRatio: 0 },
    lineage,
    suites: paired.map(({ metric, reference }) => ({
      suite: `${metric}/${reference}`,
      role: 'shadow',
      queriesLeft: 0,
    })),
    evaluators,
    controls: { held: asked, checked: asked },
    honeypotsFail: true,
    paired,
  };
};

type Outcomes = readonly Reason['outcome'][];

/** A gate whose every non-statistical rule passes, with its noise drawn once: all effects meet the same luck. */
export class SimulatedGate {
  private readonly drawn: ReadonlyMap<string, readonly Float64Array[]>;
  private readonly rules: readonly PairedRule[];
  /** By rule and true difference: most effects that are asked for share one of the two with another. */
  private readonly known = new Map<string, Outcomes>();

  constructor(
    private readonly constitution: Constitution,
    private readonly metrics: readonly MeasuredMetric[],
    private readonly simulations: number,
    seed: string,
  ) {
    const draw = ({ metric, units }: MeasuredMetric, simulation: number): Float64Array => {
      const source = noise(seed, metric, simulation);
      return Float64Array.from({ length: units }, () => source.next().value);
    };
    const each = Array.from({ length: simulations }, (_, simulation) => simulation);
    this.drawn = new Map(metrics.map((measured) => [measured.metric, each.map((s) => draw(measured, s))]));
    this.rules = pairedRules(constitution);
  }

  /** Shares of the three verdicts for candidates of this effect, judged as the k-th of their lineage. */
  shares(effect: Effect, k = 1): Shares {
    if (!this.restPasses(k)) return { accept: 0, reject: 1, inconclusive: 0 };
    const ofRules = this.rules.map((rule) => this.outcomes(rule, effect));
    let [accept, reject] = [0, 0];
    for (let simulation = 0; simulation < this.simulations; simulation += 1) {
      if (ofRules.some((outcomes) => outcomes[simulation] === 'fail')) reject += 1;
      else if (ofRules.every((outcomes) => outcomes[simulation] === 'pass')) accept += 1;
    }
    const inconclusive = this.simulations - accept - reject;
    return {
      accept: accept / this.simulations,
      reject: reject / this.simulations,
      inconclusive: inconclusive / this.simulations,
    };
  }

  /** Whether the k-th candidate passes every rule that reads no paired units, which no simulation changes. */
  private restPasses(k: number): boolean {
    const { kMax } = this.constitution.alphaPlan;
    const lineage = { k, kMax, alphaSpent: (k - 1) * alphaShare(this.constitution) };
    const unpaired = { ...this.constitution, rules: this.constitution.rules.filter((rule) => !isPaired(rule)) };
    const measured = this.metrics.flatMap(({ metric, referenceMean }) => {
      const references = new Set(this.rules.filter((rule) => rule.metric === metric).map(({ reference }) => reference));
      return [...references].map((reference) => ({ metric, reference, referenceMean, differences: [] }));
    });
    return judgeWellFormed(unpaired, simulatedEvidence(this.constitution, lineage, measured)).verdict === 'ACCEPT';
  }

  private outcomes(rule: PairedRule, effect: Effect): Outcomes {
    const measured = this.metrics.find(({ metric }) => metric === rule.metric);
    const draws = this.drawn.get(rule.metric);
    if (!measured || !draws) return Array.from({ length: this.simulations }, () => 'fail');
    const { sd, referenceMean } = measured;
    const mean = trueDifference(rule, effect, referenceMean);
    const key = `${rule.rule}/${mean}`;
    const known = this.known.get(key);
    if (known) return known;
    const alpha = alphaShare(this.constitution);
    const { rejectAlpha } = this.constitution.alphaPlan;
    const found = draws.map((drawn) => {
      const differences = Array.from(drawn, (d) => mean + sd * d);
      return pairedOutcome(rule, { differences, referenceMean }, alpha, rejectAlpha);
    });
    this.known.set(key, found);
    return found;
  }
}
