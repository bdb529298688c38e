import { alarmsOf, judgeEnvelope, type Findings } from './criteria.js';
import { addStates, countStates } from './count-states.js';
import { envelopePlot } from './envelope-plot.js';
import { envelopeReport } from './envelope-report.js';
import type { Part } from './envelope-worker.js';
import { simulate, type Run } from './simulate.js';
import { addCauses, countCauses } from './stalled-gates.js';

/** On this thread, in two parts that add up. */
const inline: Run = async <T>(parts: readonly Part[]): Promise<readonly T[]> =>
  parts.map((part) => {
    if ('states' in part) {
      const { to } = part.states;
      const [first, rest] = [
        { ...part.states, to: to / 2 },
        { ...part.states, from: to / 2 },
      ];
      return addStates([countStates(first), countStates(rest)]) as T;
    }
    const { to } = part.causes;
    return addCauses([countCauses({ ...part.causes, to: to / 2 }), countCauses({ ...part.causes, from: to / 2 })]) as T;
  });

const SIZES = [
  { seeds: 4, cycles: 36 },
  { seeds: 16, cycles: 24 },
];

describe('20 arms of every course, by 4 seeds and 36 cycles and by 16 and 24', () => {
  let findings: Findings;

  beforeAll(async () => {
    findings = await simulate(inline, { seed: 'spec', arms: 20, sizes: SIZES }, () => undefined);
  }, 240_000);

  it('refute nothing that is asked of the envelope', () => {
    expect(judgeEnvelope(findings).filter(({ outcome }) => outcome === 'refuted')).toEqual([]);
  });

  it('hardly ever show a peak or a period where there is none, not even of noise that stays with the champion', () => {
    for (const { setting, counts } of findings.quiet) expect([setting, alarmsOf(counts) <= 4]).toEqual([setting, true]);
  });

  it('come out the same in parts', () => {
    const [one] = findings.quiet;
    if (!one) throw new Error('nothing was simulated');
    expect(countStates({ setting: one.setting, seed: 'spec', everyCycle: true, from: 0, to: 20 })).toEqual(one.counts);
  });

  it('make a page and a plot that name every setting', () => {
    const criteria = judgeEnvelope(findings);
    const page = envelopeReport(
      { seed: 'spec', command: 'spec', arms: 20, sizes: SIZES, findings, criteria },
      'plot.svg',
    );
    for (const { criterion } of criteria) expect(page).toContain(criterion);
    expect(page).not.toMatch(/undefined|NaN/);
    expect(envelopePlot(findings.planted).match(/<polyline/g)?.length).toBe(5);
  });
});

it('noise that stays with the champion has no period: at most 12 of 300 arms, by 4 seeds and 36 cycles', () => {
  const setting = { course: 'levelling off late', size: 0, noise: 'champion', seeds: 4, cycles: 36 } as const;
  const { ends } = countStates({ setting, seed: 'a', everyCycle: false, from: 0, to: 300 });
  // 27 where such noise is taken for white.
  expect(ends.oscillating).toBeLessThanOrEqual(12);
});

it('a period of 8 cycles is found all the same, though its neighbours are alike', () => {
  const setting = { course: 'oscillation of 8 cycles', size: 4, noise: 'new', seeds: 4, cycles: 24 } as const;
  const { ends } = countStates({ setting, seed: 'spec', everyCycle: false, from: 0, to: 50 });
  expect(ends.oscillating).toBeGreaterThanOrEqual(45);
});
