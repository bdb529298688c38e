import { defaultConstitution as constitution } from './document.js';
import { judgeWellFormed } from './judge.js';
import { operatingCharacteristics, plannedMetrics, sightSentence, unitsForPower, whatTheGateSees } from './power.js';
import { noise, pairedRules, simulatedEvidence, SimulatedGate, trueDifference, type Effect } from './simulation.js';

const quick = { simulations: 60 };
const sized = (units: number) => plannedMetrics.map((metric) => ({ ...metric, units }));

describe('power', () => {
  it('draws noise of mean 0 and variance 1, the same at every call', () => {
    const draw = () => {
      const source = noise('s', 'm', 7);
      return Array.from({ length: 20_000 }, () => source.next().value);
    };
    const draws = draw();
    const mean = draws.reduce((sum, d) => sum + d, 0) / draws.length;
    const variance = draws.reduce((sum, d) => sum + (d - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
    expect(draw()).toEqual(draws);
  });

  it('accepts gains, stops degradation, and treats every candidate of the plan alike', () => {
    const points = operatingCharacteristics(constitution, plannedMetrics, undefined, quick);
    expect(points).toHaveLength(48);
    for (const point of points) expect(point.accept + point.reject + point.inconclusive).toBeCloseTo(1, 12);
    const accept = (gain: number, loss: number, at = 1) =>
      points.find((p) => p.gainPoints === gain && p.degradationPercent === loss && p.k === at)?.accept ?? NaN;
    expect(accept(2, 0)).toBeGreaterThan(0.95);
    expect(accept(2, 0, 12)).toBe(accept(2, 0));
    expect(accept(0, 0)).toBeLessThan(0.3);
    expect(accept(3, 1)).toBeLessThan(0.05);
    expect(accept(3, 2)).toBe(0);
  });

  it('accepts nothing beyond the plan', () => {
    const grid = { gainsPoints: [3], degradationsPercent: [0], ks: [12, 13] };
    const [last, beyond] = operatingCharacteristics(constitution, plannedMetrics, grid, quick);
    expect(last?.accept).toBeGreaterThan(0.95);
    expect(beyond).toMatchObject({ accept: 0, reject: 1 });
  });

  it('counts the verdicts that the judge gives on the whole of the evidence', () => {
    const [simulations, seed] = [40, 'whole/1'];
    const gate = new SimulatedGate(constitution, plannedMetrics, simulations, seed);
    const verdictOn = (effect: Effect, simulation: number): string => {
      const rules = new Map(pairedRules(constitution).map((rule) => [`${rule.metric}/${rule.reference}`, rule]));
      const paired = [...rules.values()].flatMap((rule) => {
        const measured = plannedMetrics.find(({ metric }) => metric === rule.metric);
        if (!measured) return [];
        const { metric, units, sd, referenceMean } = measured;
        const source = noise(seed, metric, simulation);
        const mean = trueDifference(rule, effect, referenceMean);
        const differences = Array.from({ length: units }, () => mean + sd * source.next().value);
        return [{ metric, reference: rule.reference, referenceMean, differences }];
      });
      const lineage = { k: 1, kMax: constitution.alphaPlan.kMax, alphaSpent: 0 };
      return judgeWellFormed(constitution, simulatedEvidence(constitution, lineage, paired)).verdict;
    };
    for (const gainPoints of [0, 1, 2])
      for (const degradationPercent of [0, 0.4, 1]) {
        const effect = { gainPoints, degradationPercent };
        const verdicts = Array.from({ length: simulations }, (_, simulation) => verdictOn(effect, simulation));
        const share = (wanted: string): number => verdicts.filter((verdict) => verdict === wanted).length / simulations;
        expect(gate.shares(effect)).toEqual({
          accept: share('ACCEPT'),
          reject: share('REJECT'),
          inconclusive: share('INCONCLUSIVE'),
        });
      }
  });

  it('says what the planned suites can see', () => {
    const sight = whatTheGateSees(constitution, plannedMetrics, quick);
    expect(sight.hopeless).toBeNull();
    expect(sight.smallestGainPoints).toBeGreaterThan(0);
    expect(sight.smallestGainPoints).toBeLessThanOrEqual(1.5);
    expect(sight.degradationStoppedPercent).toBeLessThanOrEqual(1);
    expect(sight.largestDegradationAcceptedPercent).toBeLessThan(sight.degradationStoppedPercent ?? 0);
    expect(sightSentence(sight)).toMatch(
      /^This gate accepts a gain of [\d.]+ points or more in at least 80% of cases, /,
    );
  });

  it('sees more with more units', () => {
    const small = whatTheGateSees(constitution, sized(90), quick);
    const large = whatTheGateSees(constitution, sized(300), quick);
    expect(large.smallestGainPoints).toBeLessThan(small.smallestGainPoints ?? Infinity);
  });

  it('calls a set-up hopeless that never accepts, and says what to change', () => {
    const sight = whatTheGateSees(constitution, sized(30), quick);
    expect(sight).toMatchObject({ smallestGainPoints: null, largestDegradationAcceptedPercent: null });
    expect(sight.hopeless).toMatch(/general-quality-kept: 30 documents .* are too few; about \d+ are needed/);
    expect(sightSentence(sight)).toBe(sight.hopeless);
  });

  it('calls a rule hopeless that nothing measures', () => {
    const [rule] = pairedRules(constitution);
    if (!rule) throw new Error('the default has a paired rule');
    const rules = [...constitution.rules, { ...rule, rule: 'json-kept', metric: 'json-bits-per-byte' }];
    const document = { ...constitution, rules };
    expect(whatTheGateSees(document, plannedMetrics, quick).hopeless).toContain('nothing measures json-bits-per-byte');
  });

  it('finds the units for 80% power, and they give it', () => {
    const [rule] = pairedRules(constitution);
    const [metric] = plannedMetrics;
    if (!rule || !metric) throw new Error('the default has a paired rule');
    const none = { gainPoints: 0, degradationPercent: 0 };
    const half = { gainPoints: 0, degradationPercent: 0.5 };
    const units = unitsForPower(constitution, rule, metric, none) ?? NaN;
    expect(units).toBeGreaterThan(40);
    expect(units).toBeLessThan(unitsForPower(constitution, rule, metric, half) ?? 0);
    expect(unitsForPower(constitution, rule, metric, { gainPoints: 0, degradationPercent: 2 })).toBeNull();
  });
});
