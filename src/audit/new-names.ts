import type { AnyEventType } from '#ledger/event.js';
import type { Record } from '#ledger/record.js';
import { ArtifactFields } from './domain/artifact-fields.js';

/** That a record has the hash of what may be an artifact. `declared`: in a field that is declared to name one. */
export type Name = Readonly<{ hash: string; type: string; stream: string; declared: boolean }>;

/**
 * Which artifacts records name. Of each only the first record is told that has it, and the first that declares it: whoever
 * hears records in log order needs no other.
 */
export class NewNames {
  private readonly fields: ArtifactFields;
  private readonly known = new Map<string, boolean>();

  constructor(events: readonly AnyEventType[]) {
    this.fields = new ArtifactFields(events);
  }

  /** Whether a hash was told as often as it will be. */
  isSettled(hash: string): boolean {
    return this.known.get(hash) === true;
  }

  in({ type, version, stream, data }: Record, hashes: readonly string[]): readonly Name[] {
    const open = hashes.filter((hash) => !this.isSettled(hash));
    if (open.length === 0) return [];
    const fields = this.fields.named(type, version, data);
    const names: Name[] = [];
    for (const hash of open) {
      const declared = fields.includes(hash);
      if (this.isSettled(hash) || (this.known.has(hash) && !declared)) continue;
      this.known.set(hash, declared);
      names.push({ hash, type, stream, declared });
    }
    return names;
  }
}
