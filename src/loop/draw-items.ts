import { drawGateDocuments, drawShadowBlocks } from '#suite/domain/draw.js';
import type { ItemSet } from '#suite/domain/items.js';
import { shadowSeed } from '#suite/shadow-seed.js';
import type { JudgingContext } from './run-context.js';

/** What the candidate that is being evaluated drew: six steps ask for it, and drawing takes longer than scoring. */
const drawn = new WeakMap<JudgingContext, Readonly<{ candidate: string; items: Map<string, ItemSet> }>>();

const draw = (context: JudgingContext, seed: string, role: 'gate' | 'shadow'): ItemSet => {
  const { evaluation } = context.config;
  return role === 'gate'
    ? drawGateDocuments(context.gate.items, seed, evaluation.documents)
    : drawShadowBlocks(context.shadow.definition, seed, evaluation.blocks);
};

/** Items that nobody could know before the candidate existed: drawn from its hash. */
export const drawItems = (
  context: JudgingContext,
  cycle: number,
  candidate: string,
  role: 'gate' | 'shadow',
): ItemSet => {
  const { seedCommitment } = context[role].sealed;
  const seed = shadowSeed({ run: context.config.run, cycle, candidate, seedCommitment });
  const known = drawn.get(context);
  const kept = known?.candidate === candidate ? known : { candidate, items: new Map<string, ItemSet>() };
  const items = kept.items.get(seed) ?? draw(context, seed, role);
  kept.items.set(seed, items);
  drawn.set(context, kept);
  return items;
};
