import { ArtifactDamaged, ArtifactGone, ArtifactMissing, type Artifacts } from '#ledger/artifacts.js';
import type { Finding } from './domain/finding.js';
import type { Name } from './new-names.js';

/** The first record that names an artifact; one that declares it goes before any that only has its hash. */
type Naming = Readonly<{ position: number; type: string; stream: string; declared: boolean }>;

/** `erased`: those that are gone as the log says. */
export type ArtifactCheck = Readonly<{
  artifacts: number;
  bytes: number;
  erased: number;
  findings: readonly Finding[];
}>;

/**
 * The artifacts that records name. A field declared to name one promises that it is there; any other SHA-256 is looked
 * up too, and where an artifact has that name its bytes are checked.
 */
export class NamedArtifacts {
  private readonly names = new Map<string, Naming>();
  private readonly erased = new Set<string>();

  take(position: number, { hash, type, stream, declared }: Name): void {
    const known = this.names.get(hash);
    if (known && (known.declared || !declared)) return;
    this.names.set(hash, { position, type, stream, declared });
  }

  knows(artifact: string): boolean {
    return this.names.has(artifact);
  }

  /** The log says that it is gone. */
  takeErased(artifact: string): void {
    this.erased.add(artifact);
  }

  /** Those that are promised and not erased, and any other that is there. */
  async present(artifacts: Artifacts): Promise<readonly string[]> {
    const there = await artifacts.among([...this.names.keys()]);
    const promised = (hash: string): boolean => this.names.get(hash)?.declared === true && !this.erased.has(hash);
    return [...this.names.keys()].filter((hash) => promised(hash) || there.has(hash));
  }

  /**
   * Loads every artifact once, which checks its hash.
   * @param promised whether those that fields are declared to name must be there: not where some were left out on purpose
   */
  async check(
    artifacts: Artifacts,
    onArtifact: (checked: number) => void = () => undefined,
    promised = true,
  ): Promise<ArtifactCheck> {
    const findings: Finding[] = [];
    let [checked, bytes, erased] = [0, 0, 0];
    const present = await artifacts.among([...this.names.keys()]);
    for (const [hash, { position, type, stream, declared }] of this.names) {
      const there = present.has(hash);
      const gone = this.erased.has(hash);
      if (!there && gone && declared) erased += 1;
      if (!there && (gone || !(declared && promised))) continue;
      try {
        bytes += (await artifacts.get(hash)).length;
        checked += 1;
        onArtifact(checked);
      } catch (error) {
        const kind = kindOf(error);
        if (!kind) throw error;
        findings.push({ position, kind, message: `${type} in ${stream} names it: ${(error as Error).message}` });
      }
    }
    return { artifacts: checked, bytes, erased, findings };
  }
}

const kindOf = (error: unknown): Finding['kind'] | undefined => {
  // Whoever erases without a record of it has only taken it away.
  if (error instanceof ArtifactMissing || error instanceof ArtifactGone) return 'artifact missing';
  return error instanceof ArtifactDamaged ? 'artifact changed' : undefined;
};
