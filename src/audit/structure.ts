import type { Record as LogRecord } from '#ledger/record.js';
import type { Finding } from './domain/finding.js';

/** Revisions `from` to `to` of a stream that were not there when the one after them was met. */
type Missing = Readonly<{ stream: string; from: number; to: number; noticedAt: number }>;

/**
 * Follows what must hold between records: revisions without gap or repetition, ids once, no event before the one that it
 * names as its cause. A cause may be a command, which is no record: one that stands nowhere in the log is none to miss.
 */
export class Structure {
  private readonly next: Map<string, number>;
  private missing: readonly Missing[] = [];
  private readonly ids = new Map<string, number>();
  private readonly causesAwaited = new Map<string, number>();
  private readonly found: Finding[] = [];
  private unreadable = 0;

  /**
   * @param revisions that come next in each stream, where an earlier look at the log is gone on from
   * @param fromStart every stream begins with revision 0, which in a stretch out of the middle of a log it need not
   */
  constructor(
    revisions: Readonly<Record<string, number>> = {},
    private readonly fromStart = true,
  ) {
    this.next = new Map(Object.entries(revisions));
  }

  get streams(): number {
    return this.next.size;
  }

  /** The revision that comes next in each stream. */
  get revisions(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.next);
  }

  take(
    position: number,
    { id, stream, revision, causationId }: Pick<LogRecord, 'id' | 'stream' | 'revision' | 'causationId'>,
  ): void {
    this.followRevisions(position, stream, revision);
    const first = this.ids.get(id);
    if (first !== undefined)
      this.found.push({ position, kind: 'insertion', message: `event id ${id} stands at position ${first} already` });
    else this.ids.set(id, position);
    this.followCauses(position, id, causationId);
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

  private followRevisions(position: number, stream: string, revision: number): void {
    const expected = this.next.get(stream) ?? (this.fromStart ? 0 : revision);
    if (revision > expected)
      this.missing = [...this.missing, { stream, from: expected, to: revision - 1, noticedAt: position }];
    if (revision >= expected) {
      this.next.set(stream, revision + 1);
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

  private followCauses(position: number, id: string, causationId: string): void {
    const effect = this.causesAwaited.get(id);
    if (effect !== undefined)
      this.found.push({
        position: effect,
        kind: 'order swap',
        message: `the event stands before its cause ${id}, which is at position ${position}`,
      });
    if (causationId !== id && !this.ids.has(causationId) && !this.causesAwaited.has(causationId))
      this.causesAwaited.set(causationId, position);
  }
}
