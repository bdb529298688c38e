import { capability, generalQuality, panelOf } from '#experiment/domain/curve.js';
import { curveEnvelope, type CurveEnvelope } from '#experiment/domain/envelope.js';
import { courseOf, STATES } from '#experiment/domain/state.js';
import { drawn, shapes, type Drawn } from './curves-drawn.js';

const many: Drawn = { seeds: 16, cycles: 24 };
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** How often each state was reached. */
const states = (shape: keyof typeof shapes, size: Drawn, simulations: number): Record<string, number> => {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0]));
  for (let at = 0; at < simulations; at += 1) {
    const { state } = courseOf(panelOf(capability, drawn(shapes[shape], at, size)));
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
};
const envelope = (shape: keyof typeof shapes, size: Drawn = many, simulation = 0): CurveEnvelope =>
  curveEnvelope('accepted', capability, drawn(shapes[shape], simulation, size));

describe('a curve of known shape is called what it is, by 16 seeds and 24 cycles', () => {
  it.each([
    ['peaked', 'peaked'],
    ['compounding', 'compounding'],
    ['rising', 'improving'],
    ['oscillating', 'oscillating'],
    ['alternating', 'oscillating'],
    ['collapsed', 'collapsed'],
  ] as const)('%s: %s in nearly all of 30 simulations', (shape, state) => {
    expect(states(shape, many, 30)[state]).toBeGreaterThanOrEqual(24);
  });

  it('saturating: a plateau or too close to call, hardly ever anything else', () => {
    const {
      plateau = 0,
      inconclusive = 0,
      improving = 0,
    } = states('saturating', { ...many, noise: 0.004, items: 200 }, 30);
    expect(plateau).toBeGreaterThanOrEqual(15);
    expect(plateau + inconclusive + improving).toBeGreaterThanOrEqual(29);
  });
});

describe('noise about a level is hardly ever called anything else', () => {
  it.each([
    ['8 seeds, 12 cycles', { seeds: 8, cycles: 12 }, 300],
    ['16 seeds, 24 cycles', many, 200],
    ['4 seeds, 8 cycles', { seeds: 4, cycles: 8 }, 300],
  ] as const)('%s: each alarm in at most 3 of 100', (_size, size, simulations) => {
    const { plateau = 0, inconclusive = 0, ...alarms } = states('flat', size, simulations);
    expect(plateau + inconclusive).toBeGreaterThanOrEqual(0.95 * simulations);
    for (const count of Object.values(alarms)) expect(count).toBeLessThanOrEqual(0.03 * simulations);
  });

  it('a curve that levels off is not said to have peaked, though half of such curves are highest before their end', () => {
    const simulated = Array.from({ length: 200 }, (_, at) => envelopeEnds(at));
    expect(simulated.filter(({ highestBefore }) => highestBefore).length).toBeGreaterThan(80);
    expect(simulated.filter(({ state }) => state === 'peaked').length).toBeLessThanOrEqual(6);
  });

  const envelopeEnds = (at: number) => {
    const panel = panelOf(capability, drawn(shapes.saturating, at, { seeds: 8, cycles: 12 }));
    const levels = panel.cycles.map((_, cycle) => sum(panel.rows.map((row) => row[cycle] ?? 0)));
    return { highestBefore: levels.indexOf(Math.max(...levels)) < levels.length - 1, state: courseOf(panel).state };
  };
});

describe('figures beside the state', () => {
  it('peak: near the true one, with a rise and a drop measured in seeds that did not choose it', () => {
    const { peak } = envelope('peaked');
    expect(peak?.cycleLow).toBeLessThanOrEqual(12);
    expect(peak?.cycleHigh).toBeGreaterThanOrEqual(10);
    expect(peak?.drop?.estimate).toBeCloseTo(shapes.peaked(12, 24) - shapes.peaked(24, 24), 1);
    expect(peak?.rise?.low).toBeGreaterThan(0.1);
    expect(peak?.shareBeforeLast).toBe(1);
  });

  it('saturation: the limit and the time constant lie within their bounds', () => {
    const { saturation } = envelope('saturating', { ...many, noise: 0.002, items: 400 });
    expect(saturation?.limitLow).toBeLessThan(0.45);
    expect(saturation?.limitHigh).toBeGreaterThan(0.45 - 0.01);
    expect(saturation?.tauLow).toBeLessThanOrEqual(3.2);
    expect(saturation?.tauHigh).toBeGreaterThanOrEqual(2.8);
    expect(saturation?.unbounded).toBe(false);
    expect(envelope('compounding').saturation?.unbounded).toBe(true);
  });

  it('oscillation: period, and an amplitude that the noise of single items does not swell', () => {
    const { oscillation } = envelope('oscillating');
    expect(oscillation?.periodCycles).toBeCloseTo(4, 0);
    expect(oscillation?.pValue).toBeLessThan(0.01);
    expect(oscillation?.amplitude).toBeGreaterThan(0.018);
    expect(oscillation?.amplitude).toBeLessThan(0.028);
    const still = curveEnvelope('accepted', capability, drawn(shapes.flat, 1, { ...many, noise: 0, items: 40 }));
    expect(still.oscillation?.amplitude).toBeLessThan(0.004);
  });

  it('compounding test: a gain of more than 2% of the whole per cycle, and a bounded one', () => {
    expect(envelope('compounding').tail?.compounding).toBe('COMPOUNDING');
    expect(envelope('saturating', { ...many, noise: 0.002, items: 400 }).tail?.compounding).toBe('BOUNDED');
  });

  it('running best and regret', () => {
    const { points } = envelope('peaked');
    expect(points.at(-1)?.regret).toBeCloseTo((points.at(-1)?.runningBest ?? 0) - (points.at(-1)?.value ?? 0), 12);
    expect(points.at(-1)?.regret).toBeGreaterThan(0.1);
  });
});

describe('what little evidence allows', () => {
  it('one seed: a band over its items, no state but a collapse of its own', () => {
    for (const shape of ['peaked', 'compounding', 'oscillating', 'rising'] as const) {
      const { state, over, points, peak } = envelope(shape, { seeds: 1, cycles: 24 });
      expect({ state, over }).toEqual({ state: 'inconclusive', over: 'items' });
      expect(points[3]?.low).toBeLessThan(points[3]?.value ?? 0);
      expect(peak?.drop).toBeNull();
    }
    expect(envelope('collapsed', { seeds: 1, cycles: 24 }).state).toBe('collapsed');
  });

  it('a state needs two cycles in a row', () => {
    const level = drawn(shapes.flat, 3, { seeds: 8, cycles: 12, noise: 0.001, items: 400 });
    const fallen = level.map(({ run, points }) => ({
      run,
      points: points.map((point) => (point.cycle === 12 ? { ...point, value: 0.1 } : point)),
    }));
    expect(courseOf(panelOf(capability, fallen))).toMatchObject({ state: 'inconclusive', found: 'collapsed' });
  });

  it('a loss that is not finite is a collapse at once', () => {
    const curves = drawn(shapes.rising, 1, { seeds: 1, cycles: 5 });
    const broken = curves.map(({ run, points }) => ({
      run,
      points: [...points, { cycle: 6, value: null, units: null }],
    }));
    expect(courseOf(panelOf(capability, broken))).toEqual({ state: 'collapsed', found: 'collapsed', sinceCycle: 6 });
  });

  it('general quality collapses when more than five percent are shown to be lost, not before', () => {
    const worse = (percent: number) =>
      curveEnvelope(
        'proposal',
        generalQuality,
        drawn((k) => 2.5 * (1 + (percent / 100) * (k > 2 ? 1 : 0)), 1, { seeds: 8, cycles: 8 }),
      );
    expect(worse(8).state).toBe('collapsed');
    expect(worse(4).state).not.toBe('collapsed');
    expect(worse(8).points.at(-1)?.runningBest).toBeLessThan(2.55);
    expect(worse(8).points.at(-1)?.regret).toBeGreaterThan(0.15);
  });
});
