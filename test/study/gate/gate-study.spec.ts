import { runLineages } from '#experiment/domain/gate-lineages.js';
import { BUGS } from './buggy-evaluator.js';
import { QUICK } from './candidates.js';
import { studyCandidates, type Judged } from './real-candidates.js';
import { putOnTrial, studied, unitsBeside } from './trials.js';

const small = {
  run: 'gate-study',
  model: { dModel: 32, layers: 1, dState: 16, headDim: 32 },
  sequence: 64,
  base: { steps: 300, batch: 16 },
  targets: ['sort', 'dyck'],
  distractors: [],
  regime: {
    label: 'gentle',
    learningRate: 0.002,
    warmupSteps: 2,
    decay: 'linear',
    steps: 12,
    batch: 8,
    sequence: 64,
    klBeta: 2,
    generalBatch: 2,
    l2spLambda: 0,
    replayPpm: 500_000,
    clipNorm: 1,
    weightDecay: 0.01,
    trustRegion: null,
  },
  constitution: { name: 'lenient', alphaPlan: { alpha: 0.5, kMax: 4 } },
  evaluation: { blocks: 60, documents: 60, shadowEvery: 20 },
};

describe('simulated lineages', () => {
  const inline: Parameters<typeof putOnTrial>[0] = (setting, lineages) => runLineages(setting, 0, lineages);

  it('refute three wrong gates, and not the gate, by the same criteria', async () => {
    // 30 lineages: a share of all of them has a lower bound of 88%, one of none an upper bound of 12%.
    const trials = await putOnTrial(inline, { seed: 'spec', lineages: 30, wrongLineages: 30 });
    const refuted = trials.map(({ gate, findings }) => [
      gate.name,
      findings.filter(({ outcome }) => outcome === 'refuted').map(({ criterion }) => criterion.split(':')[0]),
    ]);
    expect(refuted).toEqual([
      ['the gate', []],
      ['compares with the predecessor only', expect.arrayContaining(['creep'])],
      ['has the sign of its margins flipped', ['harmless +2 points accepted in at least 80% at every k']],
      [
        'counts candidates from 0, so that alpha is off by one',
        ['alpha never overspent, nothing accepted beyond the plan'],
      ],
    ]);
    const [right, predecessor] = trials;
    // Forty steps of .2% that nobody adds up, beside what the anchor lets pass.
    expect(predecessor?.counts.creep.worstPercent).toBeGreaterThan(7);
    expect(right?.counts.creep.worstPercent).toBeLessThanOrEqual(1.2);
    for (const { rule, fixed, sequential, meanRead } of unitsBeside(right?.counts.harmless as never, 'spec')) {
      expect([rule, meanRead <= (sequential ?? 0)]).toEqual([rule, true]);
      expect(fixed).toBeGreaterThan(0);
    }
  });

  it('come out the same in parts', () => {
    const setting = {
      gate: { name: 'the gate', constitution: studied, firstCandidate: 1 },
      scenario: { name: 'small', loss: { percent: 0.2, from: 'champion' as const }, gainPoints: 2 },
      metrics: [
        { metric: 'general-bits-per-byte', units: 40, sd: 0.03, referenceMean: 2.5 },
        { metric: 'calibration-brier', units: 40, sd: 0.008, referenceMean: 0.58 },
        { metric: 'capability', units: 40, sd: 0.025, referenceMean: 0.3 },
      ],
      cycles: 3,
      harmfulPercent: 1,
      seed: 'parts',
    };
    const [whole, first, rest] = [runLineages(setting, 0, 6), runLineages(setting, 0, 2), runLineages(setting, 2, 6)];
    expect(first.lineages + rest.lineages).toBe(whole.lineages);
    expect(first.accepted.map((count, at) => count + (rest.accepted[at] ?? 0))).toEqual(whole.accepted);
    expect(first.rejected + rest.rejected).toBe(whole.rejected);
  });
});

describe('candidates of known effect, judged by the whole loop', () => {
  let judged: readonly Judged[];
  const of = (kind: string) => judged.filter((each) => each.kind.startsWith(kind));

  beforeAll(async () => {
    ({ judged } = await studyCandidates({ file: small, seed: 'spec', extent: QUICK, blocks: 100, threads: 1 }));
  }, 120_000);

  it('are none of them accepted where the evaluator has a mistake, whatever they are', () => {
    expect(of('evaluator bug')).toHaveLength(3 * BUGS.length);
    // Voided by its controls or for answers all alike, or another evaluator disagrees.
    for (const { outcome, failed, detail } of of('evaluator bug')) {
      const noticed = failed.some((rule) => ['evidence-complete', 'evaluators-agree'].includes(rule));
      expect([detail, outcome, noticed]).toEqual([detail, 'REJECT', true]);
    }
  });

  it('are rejected where half of every weight is noise', () => {
    for (const { outcome, effect } of of('noise')) {
      expect(outcome).toBe('REJECT');
      expect(effect.lossPercent.low).toBeGreaterThan(2);
    }
  });

  it('are judged by what they are: an anchored update is no worse, with an interval', () => {
    const [update] = of('anchored update');
    expect(update?.effect.lossPercent.high).toBeLessThan(1);
    expect(update?.outcome).not.toBe('REJECT');
  });
});
