import { ArtifactDamaged, ArtifactMissing, type Artifacts } from '#ledger/artifacts.js';
import type { AnyEventType } from '#ledger/event.js';
import type { Record } from '#ledger/record.js';
import { ArtifactFields } from './domain/artifact-fields.js';
import type { Finding } from './domain/finding.js';

const HASH = /"([0-9a-f]{64})"/g;

type Naming = { position: number; by: string; declared: boolean };

export type ArtifactCheck = Readonly<{ artifacts: number; bytes: number; findings: readonly Finding[] }>;

/**
 * The artifacts that records name. A field declared to name one promises that it is there; any other SHA-256 is looked
 * up too, and where an artifact has that name its bytes are checked.
 */
export class NamedArtifacts {
  private readonly fields: ArtifactFields;
  private readonly names = new Map<string, Naming>();

  constructor(events: readonly AnyEventType[]) {
    this.fields = new ArtifactFields(events);
  }

  take(position: number, { type, version, stream, data }: Record, text: string): void {
    for (const [, hash] of text.matchAll(HASH))
      if (hash) this.name(hash, { position, by: `${type} in ${stream}`, declared: false });
    for (const hash of this.fields.named(type, version, data))
      this.name(hash, { position, by: `${type} in ${stream}`, declared: true });
  }

  /** Loads every artifact once, which checks its hash. */
  async check(artifacts: Artifacts, onArtifact: (checked: number) => void): Promise<ArtifactCheck> {
    const findings: Finding[] = [];
    let [checked, bytes] = [0, 0];
    for (const [hash, { position, by, declared }] of this.names) {
      if (!declared && !(await artifacts.has(hash))) continue;
      try {
        bytes += (await artifacts.get(hash)).length;
        checked += 1;
        onArtifact(checked);
      } catch (error) {
        const kind = kindOf(error);
        if (!kind) throw error;
        findings.push({ position, kind, message: `${by} names it: ${(error as Error).message}` });
      }
    }
    return { artifacts: checked, bytes, findings };
  }

  private name(hash: string, naming: Naming): void {
    const known = this.names.get(hash);
    if (!known) this.names.set(hash, naming);
    else if (naming.declared && !known.declared) this.names.set(hash, { ...naming });
  }
}

const kindOf = (error: unknown): Finding['kind'] | undefined => {
  if (error instanceof ArtifactMissing) return 'artifact missing';
  return error instanceof ArtifactDamaged ? 'artifact changed' : undefined;
};
