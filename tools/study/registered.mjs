// Which studies are registered experiments, and what their files say of one another.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILES = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'studies');

export const REGISTERED = ['regimes', 'aggressive', 'allocation', 'memory', 'envelope', 'distillation'];

const isThere = (id) => existsSync(join(FILES, `${id}.yaml`));
export const textOf = (id) => readFileSync(join(FILES, `${id}.yaml`), 'utf8');
/** The files that are asked for by a name, or by `all`, and those of them that there are not. */
export function meantBy(name, quick) {
  const asked = (name === 'all' ? REGISTERED : [name]).map((id) => (quick ? `${id}-quick` : id));
  return { meant: asked.filter(isThere), missing: asked.filter((id) => !isThere(id)) };
}

const partnerOf = (id) => /^pairedWith: (\S+)$/m.exec(textOf(id))?.[1];

/** Why another number of cycles makes no sense of it; undefined where it does. */
export function fixedCycles(id) {
  const text = textOf(id);
  if (!/^cycles: /m.test(text)) return 'has no cycles';
  return /^ +(cycle|againstCycle): /m.test(text) ? 'has hypotheses about cycles by their number' : undefined;
}

/** Each with all that have its seeds, of whom the one that they are taken from comes first. */
export function withPartners(names) {
  const all = REGISTERED.flatMap((id) => [id, `${id}-quick`]).filter(isThere);
  const pairOf = (first) => [first, ...all.filter((id) => partnerOf(id) === first)];
  return [...new Set(names.flatMap((id) => pairOf(partnerOf(id) ?? id)))];
}
