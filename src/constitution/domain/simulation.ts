import { Rng } from '#corpus/domain/random.js';
import type { Constitution } from './document.js';
import type { Evidence } from './evidence.js';
import { alphaShare, judgeWellFormed } from './judge.js';
import type { PairedRule } from './rules.js';
import type { Verdict } from './verdict.js';

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

export const pairedRules = (constitution: Constitution): readonly PairedRule[] =>
  constitution.rules.flatMap((rule) =>
    rule.kind === 'NON-INFERIORITY' || rule.kind === 'SUPERIORITY' || rule.kind === 'PROGRESS' ? [rule] : [],
  );

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

/** A gate whose every non-statistical rule passes, with its noise drawn once: all effects meet the same luck. */
export class SimulatedGate {
  private readonly drawn: ReadonlyMap<string, readonly Float64Array[]>;

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
  }

  /** Shares of the three verdicts for candidates of this effect, judged as the k-th of their lineage. */
  shares(effect: Effect, k = 1): Shares {
    const counts: Record<Verdict['verdict'], number> = { ACCEPT: 0, REJECT: 0, INCONCLUSIVE: 0 };
    for (let simulation = 0; simulation < this.simulations; simulation += 1)
      counts[judgeWellFormed(this.constitution, this.evidence(effect, k, simulation)).verdict] += 1;
    return {
      accept: counts.ACCEPT / this.simulations,
      reject: counts.REJECT / this.simulations,
      inconclusive: counts.INCONCLUSIVE / this.simulations,
    };
  }

  private evidence(effect: Effect, k: number, simulation: number): Evidence {
    const { kMax } = this.constitution.alphaPlan;
    const lineage = { k, kMax, alphaSpent: (k - 1) * alphaShare(this.constitution) };
    return simulatedEvidence(this.constitution, lineage, this.paired(effect, simulation));
  }

  private paired(effect: Effect, simulation: number): Evidence['paired'] {
    const rules = pairedRules(this.constitution);
    return this.metrics.flatMap(({ metric, sd, referenceMean }) => {
      const draws = this.drawn.get(metric)?.[simulation] ?? new Float64Array();
      const ofMetric = rules.filter((rule) => rule.metric === metric);
      return [...new Map(ofMetric.map((rule) => [rule.reference, rule])).values()].map((rule) => {
        const mean = trueDifference(rule, effect, referenceMean);
        return {
          metric,
          reference: rule.reference,
          referenceMean,
          differences: Array.from(draws, (d) => mean + sd * d),
        };
      });
    });
  }
}
