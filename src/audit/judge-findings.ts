import { compareWithHeads, compareWithLeaves, type NotedHead } from './compare-with-heads.js';
import type { Finding } from './domain/finding.js';
import type { Entry } from './domain/entry.js';
import type { LeafTape } from './leaf-tape.js';
import type { Reading } from './reading.js';

/** What was noted of the log earlier: the leaf hash of each signed record, and heads. */
export type Witness = Readonly<{ leaves: Uint8Array; heads: readonly NotedHead[] }>;

const HASH_BYTES = 32;

/** Position of the last record that is there and signed. */
const lastSigned = (leaves: Uint8Array, tape: LeafTape): number => {
  const count = Math.min(leaves.length / HASH_BYTES, tape.count);
  return count === 0 ? 0 : tape.positionAt(count - 1);
};

/** Whether the record that belongs to a position stands at another, and where the record that stands there belongs. */
const displacement = (
  entry: Entry,
  unfit: readonly Entry[],
  end: number,
): Readonly<{ home?: number; owned: boolean }> => {
  const others = unfit.filter((other) => other !== entry);
  const home = [...others.map(({ position }) => position), end].find((position) => entry.fits(position));
  return { ...(home !== undefined && { home }), owned: others.some((other) => other.fits(entry.position)) };
};

/** Records that no checkpoint covers and that the store's checksum does not fit: changed, or written at another position. */
const judgeUnfit = (unfit: readonly Entry[], end: number): readonly Finding[] => {
  const findings: Finding[] = [];
  let shift = 0;
  for (const entry of unfit) {
    const { position } = entry;
    const { home, owned } = displacement(entry, unfit, end);
    if (home === undefined) {
      const message = 'the bytes are not those that the checksum beside them was made of';
      findings.push({ position, kind: 'byte change', message });
      continue;
    }
    const message = `the record here was written at position ${home}`;
    if (!owned) {
      shift = home - position;
      findings.push({ position, kind: 'gap', message: `a record was removed here: ${message}` });
    } else if (home - position !== shift) findings.push({ position, kind: 'order swap', message });
  }
  return findings;
};

/** A record that is broken where its bytes are known to have changed is one finding, not two. */
const withReasons = (changes: readonly Finding[], broken: readonly Finding[]): readonly Finding[] => {
  const reasons = new Map(broken.map(({ position, message }) => [position, message]));
  const changed = new Set(changes.map(({ position }) => position));
  const detailed = changes.map((change) => {
    const reason = reasons.get(change.position);
    return reason === undefined ? change : { ...change, message: `${change.message}; ${reason}` };
  });
  return [...detailed, ...broken.filter(({ position }) => !changed.has(position))];
};

const unlike =
  (known: readonly Finding[]) =>
  ({ position, kind }: Finding): boolean =>
    !known.some((other) => other.position === position && other.kind === kind);

/** Roots speak only when nothing else does; that a log is too short goes without saying where records are named missing. */
const againstHeads = (heads: readonly NotedHead[], tape: LeafTape, known: readonly Finding[]): readonly Finding[] => {
  const against = compareWithHeads(heads, tape);
  const cut = against.find(({ kind }) => kind === 'truncation');
  if (cut) return known.some(({ kind }) => kind === 'gap' || kind === 'truncation') ? [] : [cut];
  return known.length === 0 ? against.slice(0, 1) : [];
};

/**
 * Puts together what the records show and what was noted earlier, so that each change is named once and what merely
 * follows from it is left out.
 */
export const judgeFindings = (reading: Reading, { leaves, heads }: Witness): readonly Finding[] => {
  const { tape, unfit, findings } = reading;
  const signedTo = lastSigned(leaves, tape);
  const named = compareWithLeaves(leaves, tape);
  const end = tape.after(tape.count);
  const unsigned = judgeUnfit(
    unfit.filter(({ position }) => position > signedTo),
    end,
  );
  const changes = [...named, ...unsigned];
  const broken = findings.filter(({ kind }) => kind === 'malformed');
  const disorder = findings
    .filter(({ kind }) => kind !== 'malformed')
    .filter(({ position }) => named.length === 0 || (position ?? 0) > signedTo)
    .filter(unlike(changes));
  const found = [...withReasons(changes, broken), ...disorder];
  return [...found, ...againstHeads(heads, tape, found)];
};
