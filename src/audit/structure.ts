import type { Finding } from './domain/finding.js';
import { idText, IdTable, isSameId, type Id } from './id-table.js';

/** Revisions `from` to `to` of a stream that were not there when the one after them was met. */
type Missing = Readonly<{ stream: string; from: number; to: number; noticedAt: number }>;

/** A stream as far as it was seen. `next`: the revision that comes next; undefined before the first. */
export type StreamSeen = { readonly name: string; next: number | undefined };

/**
 * Follows what must hold between records: revisions without gap or repetition, ids once, no event before the one that it
 * names as its cause. A cause may be a command, which is no record: one that stands nowhere in the log is none to miss.
 */
export class Structure {
  private readonly byName: Map<string, StreamSeen>;
  private missing: readonly Missing[] = [];
  private readonly ids = new IdTable();
  private readonly causesAwaited = new IdTable();
  private readonly found: Finding[] = [];
  private unreadable = 0;

  /**
   * @param revisions that come next in each stream, where an earlier look at the log is gone on from
   * @param fromStart every stream begins with revision 0, which in a stretch out of the middle of a log it need not
   * @param inParts streams of which single records were taken out, so that revisions between them miss nothing
   */
  constructor(
    revisions: Readonly<Record<string, number>> = {},
    private readonly fromStart = true,
    private readonly inParts: readonly string[] = [],
  ) {
    this.byName = new Map(Object.entries(revisions).map(([name, next]) => [name, { name, next }]));
  }

  get streams(): number {
    return this.byName.size;
  }

  /** The revision that comes next in each stream. */
  get revisions(): Readonly<Record<string, number>> {
    const begun = [...this.byName.values()].filter(({ next }) => next !== undefined);
    return Object.fromEntries(begun.map(({ name, next }) => [name, next as number]));
  }

  /** A stream that a record is about to be taken of, for {@link take}. */
  stream(name: string): StreamSeen {
    const known = this.byName.get(name);
    if (known) return known;
    const seen = { name, next: undefined };
    this.byName.set(name, seen);
    return seen;
  }

  take(position: number, stream: StreamSeen, revision: number, [id, cause]: readonly [Id, Id]): void {
    this.followRevisions(position, stream, revision);
    const first = this.ids.get(id);
    if (first === undefined) this.ids.add(id, position);
    else
      this.found.push({
        position,
        kind: 'insertion',
        message: `event id ${idText(id)} stands at position ${first} already`,
      });
    this.followCauses(position, id, cause);
  }

  /** A record that cannot be read leaves one revision of some stream unseen. */
  takeUnreadable(): void {
    this.unreadable += 1;
  }

  findings(): readonly Finding[] {
    let unseen = this.unreadable;
    const gaps = this.missing.filter(({ from, to }) => {
      const explained = to - from + 1 <= unseen;
      if (explained) unseen -= to - from + 1;
      return !explained;
    });
    const named = gaps.map(({ stream, from, to, noticedAt }): Finding => {
      const which = from === to ? `revision ${from} is` : `revisions ${from} to ${to} are`;
      return { position: noticedAt, kind: 'gap', message: `${stream}: ${which} missing before this` };
    });
    return [...this.found, ...named];
  }

  private followRevisions(position: number, seen: StreamSeen, revision: number): void {
    const { name: stream } = seen;
    const expected = seen.next ?? (this.fromStart ? 0 : revision);
    if (revision > expected && !this.inParts.includes(stream))
      this.missing = [...this.missing, { stream, from: expected, to: revision - 1, noticedAt: position }];
    if (revision >= expected) {
      seen.next = revision + 1;
      return;
    }
    const gap = this.missing.find((one) => one.stream === stream && one.from <= revision && revision <= one.to);
    if (!gap) {
      this.found.push({ position, kind: 'insertion', message: `${stream}: revision ${revision} stands here again` });
      return;
    }
    const left = [
      { ...gap, to: revision - 1 },
      { ...gap, from: revision + 1 },
    ].filter(({ from, to }) => from <= to);
    this.missing = this.missing.flatMap((one) => (one === gap ? left : [one]));
    this.found.push({
      position: gap.noticedAt,
      kind: 'order swap',
      message: `${stream}: revision ${revision} stands only at position ${position}, after later ones`,
    });
  }

  private followCauses(position: number, id: Id, cause: Id): void {
    const effect = this.causesAwaited.get(id);
    if (effect !== undefined)
      this.found.push({
        position: effect,
        kind: 'order swap',
        message: `the event stands before its cause ${idText(id)}, which is at position ${position}`,
      });
    if (isSameId(cause, id)) return;
    if (this.ids.get(cause) === undefined && this.causesAwaited.get(cause) === undefined)
      this.causesAwaited.add(cause, position);
  }
}
