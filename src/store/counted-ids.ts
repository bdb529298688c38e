import { Ids } from '#ledger/ports.js';

/** UUIDs that only count: 00000000-0000-4000-8000-000000000001 and on, the same in every execution. */
export class CountedIds extends Ids {
  private count: number;

  constructor(first = 1) {
    super();
    this.count = first;
  }

  next(): string {
    return `00000000-0000-4000-8000-${(this.count++).toString(16).padStart(12, '0')}`;
  }
}
