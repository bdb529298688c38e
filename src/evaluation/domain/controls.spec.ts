import { chooseFamilies } from '#corpus/domain/families.js';
import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import type { ShadowDefinition } from '#suite/domain/draw.js';
import { drawControlItems, lengthened } from './control-items.js';
import { controlFigures, controlIds, controlRuns, mostByChance, type ControlRun, type Outcome } from './controls.js';

const definition: ShadowDefinition = {
  generators: 'families/1',
  runSeed: '1',
  families: ['recall', 'dyck', 'sort'],
  sequence: 64,
};
const SEED = 'a'.repeat(64);
const items = drawControlItems(definition, SEED, 8);

const scored = (mask: Uint8Array): number => mask.reduce((sum, each) => sum + each, 0);

describe('items of the controls', () => {
  it('are the same for the same seed and others for another', () => {
    expect(drawControlItems(definition, SEED, 8)).toEqual(items);
    expect(drawControlItems(definition, 'b'.repeat(64), 8)).not.toEqual(items);
    expect(items.null).toHaveLength(8 * 3);
  });

  it('show every answer in the byte before it is asked for, in the positive control', () => {
    for (const { tokens, targets, mask } of items.positive)
      mask.forEach((asked, at) => asked === 1 && expect(tokens[at]).toBe(targets[at]));
  });

  it('are labelled anew at every position in the negative control, and shown as they were drawn', () => {
    const labels = items.negative.flatMap(({ targets }) => [...targets]);
    expect(new Set(labels).size).toBeGreaterThan(250);
    items.negative.forEach(({ tokens, mask }, at) => {
      expect(tokens).toEqual(items.null[at]?.tokens);
      expect(scored(mask)).toBe(64);
    });
  });

  it('ask in honeypots for an answer that is possible and wrong', () => {
    const families = chooseFamilies('1', definition.families);
    items.honeypot.forEach(({ tokens, targets, mask }, at) => {
      const drawn = items.null.filter((_, other) => other % families.length === at % families.length);
      const possible = new Set(drawn.flatMap((one) => [...one.targets].filter((_, place) => one.mask[place] === 1)));
      expect(tokens).toEqual(items.null[at]?.tokens);
      mask.forEach((asked, place) => {
        if (asked !== 1) return;
        expect(targets[place]).not.toBe(items.null[at]?.targets[place]);
        expect(possible.has(targets[place] as number)).toBe(true);
      });
    });
    expect(items.honeypotChance.mean).toBeGreaterThan(0);
  });

  it('have a chunk of unscored bytes behind them when they are lengthened', () => {
    const longer = decodeSequences(lengthened(items.null, SEED));
    longer.forEach(({ tokens, targets, mask }, at) => {
      expect(tokens.subarray(0, 64)).toEqual(items.null[at]?.tokens);
      expect(targets.subarray(0, 64)).toEqual(items.null[at]?.targets);
      expect([...mask.subarray(64)]).toEqual(Array(64).fill(0));
    });
    expect(new Set(longer.map(({ tokens }) => String(tokens.subarray(64)))).size).toBe(longer.length);
  });
});

describe('the bound of chance', () => {
  it('is never below the mean, and above what sums of coins come to', () => {
    expect(mostByChance({ mean: 0, variance: 0 })).toBeGreaterThan(0);
    const bound = mostByChance({ mean: 500, variance: 250 });
    expect(bound).toBeGreaterThan(500 + 6 * Math.sqrt(250));
    expect(bound).toBeLessThan(500 + 8 * Math.sqrt(250));
  });
});

describe('figures of the controls', () => {
  const share = items.null.slice(0, 5);
  const outcomesOf = (sequences: readonly { mask: Uint8Array }[], nats: (at: number) => number | null): Outcome[] =>
    sequences.map(({ mask }, at) => ({ nllNats: nats(at), scored: scored(mask), correct: 1 }));
  const recorded = outcomesOf(share, (at) => 2 + at);
  const samples = { candidate: { sequences: share, recorded }, champion: { sequences: share, recorded } };
  const runs = controlRuns(items, samples, SEED);

  /** What a sound evaluator would say. */
  const sound = ({ control, sequences }: ControlRun): readonly Outcome[] => {
    const all = decodeSequences(sequences);
    const counts = all.map(({ mask }) => scored(mask));
    switch (control) {
      case 'positive':
        return counts.map((count) => ({ nllNats: 0, scored: count, correct: count }));
      case 'negative':
      case 'honeypot':
        return counts.map((count) => ({ nllNats: count * 6, scored: count, correct: 0 }));
      case 'null':
        return counts.map((count) => ({ nllNats: count * Math.fround(Math.log(256)), scored: count, correct: 0 }));
      case 'batch-order':
        return recorded.toReversed();
      case 'batch-position':
        return recorded.slice(-1);
      default:
        return recorded;
    }
  };
  const figures = (say: (run: ControlRun) => readonly Outcome[], given = samples) =>
    controlFigures(runs, runs.map(say), items.honeypotChance, given);
  const broken = (say: (run: ControlRun) => readonly Outcome[]): readonly string[] =>
    figures(say)
      .filter(({ held }) => !held)
      .map(({ control, model, statistic }) => `${control} ${model} ${statistic}`);
  const changed = (control: string, change: (outcome: Outcome) => Outcome) => (run: ControlRun) =>
    run.control === control ? sound(run).map(change) : sound(run);

  it('are as expected of a sound evaluator', () => {
    expect(broken(sound)).toEqual([]);
    expect(new Set(figures(sound).map(({ control }) => control)).size).toBe(8);
    expect(controlIds(runs)).toHaveLength(4 * 24 + 2 * 5 + 5 + 1 + 5);
    expect(new Set(controlIds(runs)).size).toBe(controlIds(runs).length);
  });

  it.each<[string, string, (outcome: Outcome) => Outcome]>([
    ['positive', 'positive echo right-answers', (o) => ({ ...o, correct: o.correct - 1 })],
    ['positive', 'positive echo nats-per-byte', (o) => ({ ...o, nllNats: o.scored * 0.01 })],
    ['negative', 'negative candidate right-answers', (o) => ({ ...o, correct: 10 })],
    ['negative', 'negative candidate nats-gained', (o) => ({ ...o, nllNats: o.scored * 5.5 })],
    ['honeypot', 'honeypot candidate right-answers', (o) => ({ ...o, correct: o.scored })],
    ['null', 'null uniform nats-per-byte', (o) => ({ ...o, nllNats: o.scored * Math.log(256) })],
    ['batch-order', 'batch-order candidate differing-items', (o) => ({ ...o, nllNats: (o.nllNats ?? 0) + 1e-12 })],
    ['batch-position', 'batch-position candidate differing-items', (o) => ({ ...o, correct: 0 })],
    ['padding', 'padding candidate differing-items', (o) => ({ ...o, scored: o.scored + 1 })],
  ])('show a broken %s control: %s', (control, figure, change) =>
    expect(broken(changed(control, change))).toEqual([figure]),
  );

  it('take losses that are not finite for a failure, but not of a candidate whose own are not', () => {
    const lost = changed('negative', (outcome) => ({ ...outcome, nllNats: null }));
    expect(broken(lost)).toEqual(['negative candidate nats-gained']);
    const hopeless = { ...samples, candidate: { sequences: share, recorded: outcomesOf(share, () => null) } };
    const found = figures(lost, hopeless).find(({ statistic }) => statistic === 'nats-gained');
    expect(found).toMatchObject({ seen: null, held: true });
  });

  it('are of sequences that an evaluator can read', () => {
    for (const { sequences } of runs) expect(encodeSequences(decodeSequences(sequences))).toEqual(sequences);
  });
});
