import {
  driftSchema,
  klDrift,
  pairedDifferences,
  probeDrift,
  summarisePaired,
  UnpairedScores,
  weightDrift,
} from './drift.js';

const scores = (...values: readonly number[]) => values.map((score, at) => ({ id: `doc-${at}`, score }));

describe('drift', () => {
  it('is the mean divergence per byte, an alarm only above its threshold', () => {
    const nats = Float64Array.of(1.5, 0.5, 2);
    const bound = { reference: 'champion', threshold: 0.03 } as const;
    expect(klDrift(nats, 64, bound)).toEqual({
      metric: 'kl-to-champion',
      value: 4 / 192,
      unit: 'nats/byte',
      reference: 'champion',
      threshold: 0.03,
      alarm: false,
    });
    expect(klDrift(nats, 64, { ...bound, threshold: 4 / 192 }).alarm).toBe(false);
    expect(klDrift(nats, 64, { ...bound, threshold: 0.02 }).alarm).toBe(true);
  });

  it('is an alarm without a value where something is not finite, or nothing was measured', () => {
    const bound = { reference: 'anchor', threshold: null } as const;
    expect(klDrift(Float64Array.of(1, NaN), 64, bound)).toMatchObject({ value: null, alarm: true });
    expect(klDrift(new Float64Array(), 64, bound)).toMatchObject({ value: null, alarm: true });
    expect(weightDrift(Infinity, bound)).toMatchObject({
      metric: 'weight-distance-to-anchor',
      value: null,
      alarm: true,
    });
    expect(driftSchema.parse(weightDrift(NaN, bound)).alarm).toBe(true);
  });

  it('pairs unit by unit and refuses units that are not the same', () => {
    expect(pairedDifferences(scores(0.5, 0.75), scores(0.25, 1))).toEqual(scores(0.25, -0.25));
    expect(() => pairedDifferences(scores(1), scores(1, 2))).toThrow(UnpairedScores);
    expect(() => pairedDifferences([{ id: 'a', score: 1 }], [{ id: 'b', score: 1 }])).toThrow('unit 0 is a');
    expect(() => summarisePaired([])).toThrow(UnpairedScores);
  });

  it('summarises differences by mean, sample deviation and the unit that lost most', () => {
    expect(summarisePaired(scores(1, -2, 4))).toEqual({
      units: 3,
      mean: 1,
      sd: 3,
      worst: { id: 'doc-1', difference: -2 },
    });
    expect(summarisePaired(scores(0.5))).toMatchObject({ units: 1, sd: 0 });
    expect(summarisePaired(scores(1, NaN, -7)).worst.id).toBe('doc-1');
  });

  it('reports losses as positive figures', () => {
    const drifts = probeDrift('general', 'bits/byte', summarisePaired(scores(1, -2, -5)), {
      reference: 'anchor',
      threshold: 1.5,
    });
    expect(drifts.map(({ metric, value, alarm }) => ({ metric, value, alarm }))).toEqual([
      { metric: 'general-loss-mean', value: 2, alarm: true },
      { metric: 'general-difference-sd', value: 3, alarm: false },
      { metric: 'general-loss-worst-unit', value: 5, alarm: false },
    ]);
  });
});
