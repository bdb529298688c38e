import type { Head } from './domain/audit.js';
import type { Finding } from './domain/finding.js';
import { diffLeaves, type LeafChange } from './domain/leaf-diff.js';
import type { LeafTape } from './leaf-tape.js';

/** A head somebody noted earlier, and who. */
export type NotedHead = Head & Readonly<{ by: string }>;

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : `${count} ${many}`);

const inWords = (change: LeafChange, tape: LeafTape): string => {
  const last = tape.positionAt(change.last ?? change.at);
  switch (change.kind) {
    case 'byte change':
      return 'the bytes are not those that were signed';
    case 'gap':
      return `${plural(change.count, 'a record was', 'records were')} removed here`;
    case 'insertion':
      return `${plural(change.count, 'a record was', 'records were')} added here after they were signed`;
    case 'truncation':
      return `the log ends here: ${plural(change.count, 'the last signed record is', 'signed records are')} cut off`;
    case 'order swap':
      return change.count === 2
        ? `this record and the one at position ${last} have changed places`
        : `${change.count} records from here to position ${last} are in another order`;
  }
};

/** The first place that is wrong: a missing record would stand right after the one before it. */
const placeOf = ({ kind, at }: LeafChange, tape: LeafTape): number =>
  kind === 'gap' || kind === 'truncation' ? tape.after(at) : tape.positionAt(at);

/** Record by record against the leaves that were signed. */
export const compareWithLeaves = (signed: Uint8Array, tape: LeafTape): readonly Finding[] =>
  diffLeaves(signed, tape.leaves).map((change) => ({
    position: placeOf(change, tape),
    kind: change.kind,
    message: inWords(change, tape),
  }));

/** As a whole against heads: a root tells that something before its size differs, not what. */
export const compareWithHeads = (heads: readonly NotedHead[], tape: LeafTape): readonly Finding[] => {
  const short = heads.filter(({ size }) => size > tape.count);
  const whole = heads.filter(({ size }) => size <= tape.count).toSorted((a, b) => a.size - b.size);
  const roots = tape.rootsAt(whole.map(({ size }) => size));
  const truncations = short.map(({ size, by }): Finding => ({
    position: tape.after(tape.count),
    kind: 'truncation',
    message: `the log ends here with ${tape.count} records, ${by} saw ${size}`,
  }));
  const mismatches = whole.flatMap(({ size, root, by }, at): Finding[] => {
    if (roots[at] === root) return [];
    const sound = whole.findLast((head, before) => before < at && roots[before] === head.root)?.size ?? 0;
    const which = sound === 0 ? 'one of them' : `one of the last ${size - sound} of them`;
    const message = `the first ${size} records have root ${roots[at]}, ${by} saw ${root}: ${which} was changed`;
    return [{ position: null, kind: 'root mismatch', message }];
  });
  return [...truncations, ...mismatches];
};
