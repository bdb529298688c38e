import { ArtifactMissing, Artifacts, gone } from '#ledger/artifacts.js';
import { sha256 } from '#ledger/digest.js';

/** Artifacts that end with the process: for tests and scratch work. */
export class MemoryArtifacts extends Artifacts {
  private readonly kept = new Map<string, Uint8Array>();
  private readonly erased = new Map<string, string>();

  async put(bytes: Uint8Array): Promise<string> {
    const name = sha256(bytes);
    this.requireThere(name);
    if (!this.kept.has(name)) this.kept.set(name, new Uint8Array(bytes));
    return name;
  }

  async get(name: string): Promise<Uint8Array> {
    this.requireThere(name);
    const bytes = this.kept.get(name);
    if (!bytes) throw new ArtifactMissing(`artifact ${name} was never put here`);
    return new Uint8Array(bytes);
  }

  async has(name: string): Promise<boolean> {
    return this.kept.has(name);
  }

  async erase(name: string, why: string): Promise<void> {
    this.kept.delete(name);
    if (!this.erased.has(name)) this.erased.set(name, why);
  }

  private requireThere(name: string): void {
    const why = this.erased.get(name);
    if (why !== undefined) throw gone(name, why);
  }
}
