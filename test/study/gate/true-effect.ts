import { overUnits, type Interval } from '#experiment/domain/statistics.js';
import type { Evaluated } from '#evaluation/evaluator.js';
import { drawShadowBlocks } from '#suite/domain/draw.js';
import { blockValues, documentValues, type ItemSet, type UnitValue } from '#suite/domain/items.js';
import type { StudiedChampion } from './studied-champion.js';

/** What weights truly do, measured on items that no verdict reads: 95% intervals over documents and over blocks. */
export type TrueEffect = Readonly<{
  /** General bits per byte lost against the anchor, percent of the anchor's. */
  lossPercent: Interval;
  /** Capability gained over the champion. */
  gainPoints: Interval;
}>;

const asResults = ({ nllNats, scored, correct }: Evaluated) =>
  Array.from(nllNats, (nats, at) => ({ nllNats: nats, scored: scored[at] ?? 0, correct: correct[at] ?? 0 }));

const differences = (own: readonly UnitValue[], other: readonly UnitValue[], scale: number): readonly number[] =>
  own.map(({ value }, at) => (value - (other[at]?.value ?? NaN)) * scale);

/** Measures true effects on all report documents and on blocks of a seed that no run has. */
export class TrueEffects {
  private constructor(
    private readonly base: StudiedChampion,
    private readonly documents: ItemSet,
    private readonly blocks: ItemSet,
    private readonly anchor: readonly UnitValue[],
    private readonly champion: readonly UnitValue[],
  ) {}

  static async of(base: StudiedChampion, seed: string, blocks: number): Promise<TrueEffects> {
    const { report, shadow } = base.context;
    const units = report.items.units.filter(({ kind }) => kind === 'document');
    const documents = { sequences: report.items.sequences, units };
    const drawn = drawShadowBlocks(shadow.definition, `${seed}/true effect`, blocks);
    const { primary, artifacts } = base.ports;
    const found = async (checkpoint: string, items: ItemSet) =>
      asResults(await primary.evaluate(await artifacts.get(checkpoint), items.sequences));
    const anchor = documentValues(units, await found(base.anchor, documents));
    const champion = blockValues(drawn.units, await found(base.champion, drawn));
    return new TrueEffects(base, documents, drawn, anchor, champion);
  }

  /** Documents and blocks that are measured. */
  get sizes(): Readonly<{ documents: number; blocks: number }> {
    return { documents: this.documents.units.length, blocks: this.blocks.units.length };
  }

  async measure(candidate: Uint8Array): Promise<TrueEffect> {
    const { primary } = this.base.ports;
    const found = async (items: ItemSet) => asResults(await primary.evaluate(candidate, items.sequences));
    const own = documentValues(this.documents.units, await found(this.documents));
    const blocks = blockValues(this.blocks.units, await found(this.blocks));
    const level = this.anchor.reduce((sum, { value }) => sum + value, 0) / this.anchor.length;
    return {
      lossPercent: overUnits(differences(own, this.anchor, 100 / level)),
      gainPoints: overUnits(differences(blocks, this.champion, 100)),
    };
  }
}
