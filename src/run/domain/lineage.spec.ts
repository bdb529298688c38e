import { lineageOf, ownLineage, promotedBy, type Lineage } from './lineage.js';
import { emptyCycle, type Cycle, type Started } from './run.js';

const hash = (digit: string): string => digit.repeat(64);
const [anchor, first, second] = [hash('a'), hash('b'), hash('c')];

const judged = (cycle: number, alphaSpent: number): Cycle => ({
  ...emptyCycle(cycle),
  verdict: { cycle, alphaSpent } as NonNullable<Cycle['verdict']>,
});
const run = (name: string, lineage: Lineage, changes: Partial<Started> = {}): Started =>
  ({
    status: 'completed',
    config: { run: name },
    lineage,
    anchor: { checkpoint: anchor },
    champion: first,
    accepted: [anchor, first],
    cycles: [emptyCycle(0), judged(1, 0.25), judged(2, 0.125)],
    ...changes,
  }) as Started;

const parent = run('parent', ownLineage('parent'));
const joined = lineageOf('parent', [parent]);

describe('a lineage', () => {
  it('counts what the parent judged and spent, and keeps its anchor', () => {
    expect(joined).toEqual({ root: 'parent', anchor, judgedBefore: 2, alphaSpentBefore: 0.375 });
  });

  it('counts sisters and their children too, and nothing of other roots', () => {
    const sister = run('sister', joined, { accepted: [first, second] });
    const niece = run('niece', lineageOf('sister', [parent, sister]));
    const stranger = run('stranger', ownLineage('stranger'));
    const cousin = lineageOf('parent', [parent, stranger, sister, niece]);
    expect(cousin).toEqual({ root: 'parent', anchor, judgedBefore: 6, alphaSpentBefore: 1.125 });
  });

  it.each(['running', 'halted'] as const)('is not joined while one of its runs is %s', (status) => {
    const sister = run('sister', joined, { status });
    expect(() => lineageOf('parent', [parent, sister])).toThrow(`run sister of the same lineage is ${status}`);
    expect(() => lineageOf('parent', [run('parent', ownLineage('parent'), { status })])).toThrow(`is ${status}`);
  });

  it('needs a champion to begin from', () => {
    expect(() => lineageOf('nobody', [parent])).toThrow('run nobody has no champion');
  });

  it('knows weights that a run promoted, not the anchors that arms may share', () => {
    expect(promotedBy(first, [parent])).toBe('parent');
    expect(promotedBy(anchor, [parent])).toBeUndefined();
  });
});
