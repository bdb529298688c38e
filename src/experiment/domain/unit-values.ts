import type { ItemResults } from '#evaluation/domain/item-results.js';
import { unitValues } from '#run/domain/evidence.js';

/** What a probe says unit by unit, in the order shown: bits per byte of documents, accuracy of blocks. */
export type UnitValues = Readonly<{ documents: readonly number[]; blocks: readonly number[] }>;

/** A block's items are named `block-<n>/<place>`; a document's name has its corpus and a colon in front. */
const isOfBlock = (id: string): boolean => /^block-\d+\/\d+$/.test(id);

export const unitValuesOf = (results: ItemResults): UnitValues => ({
  documents: unitValues({ ...results, items: results.items.filter(({ id }) => !isOfBlock(id)) }, 'bits-per-byte'),
  blocks: unitValues({ ...results, items: results.items.filter(({ id }) => isOfBlock(id)) }, 'accuracy'),
});

/** Accuracy of every block's task at each place of the block: `[place][block]`. */
export const taskValuesOf = ({ items }: ItemResults): readonly (readonly number[])[] => {
  const places: number[][] = [];
  for (const { id, correct, scored } of items) {
    if (!isOfBlock(id)) continue;
    const place = Number(id.slice(id.lastIndexOf('/') + 1));
    (places[place] ??= []).push(correct / scored);
  }
  return places;
};
