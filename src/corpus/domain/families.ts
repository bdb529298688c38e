import { markov, unlearnable } from './chance-families.js';
import { periodicCopy, selectiveCopy } from './copy-families.js';
import type { Family } from './family.js';
import { memoriseFor, recall } from './recall-families.js';
import { addition, dyck, sort } from './structure-families.js';

/** Changes when a generator gives other sequences for the same draws; it is part of every sealed definition. */
export const GENERATORS = 'families/1';

/** All families of a run, in their fixed order. The seed decides the table that `memorise` asks for. */
export const familiesOf = (runSeed: string): readonly Family[] => [
  recall,
  selectiveCopy,
  periodicCopy,
  dyck,
  sort,
  addition,
  memoriseFor(runSeed),
  markov,
  unlearnable,
];

export const FAMILY_NAMES: readonly string[] = familiesOf('').map((family) => family.name);

/** The families that capability is measured on. */
export const targetsOf = (families: readonly Family[]): readonly Family[] => families.filter((family) => family.target);

/** The named families in the order of `familiesOf`. */
export const chooseFamilies = (runSeed: string, names: readonly string[]): readonly Family[] => {
  const unknown = names.find((name) => !FAMILY_NAMES.includes(name));
  if (unknown !== undefined)
    throw new RangeError(`family "${unknown}" is unknown; there are ${FAMILY_NAMES.join(', ')}`);
  return familiesOf(runSeed).filter((family) => names.includes(family.name));
};
