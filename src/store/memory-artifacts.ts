import { ArtifactMissing, Artifacts } from '#ledger/artifacts.js';
import { sha256 } from '#ledger/digest.js';

/** Artifacts that end with the process: for tests and scratch work. */
export class MemoryArtifacts extends Artifacts {
  private readonly kept = new Map<string, Uint8Array>();

  async put(bytes: Uint8Array): Promise<string> {
    const name = sha256(bytes);
    if (!this.kept.has(name)) this.kept.set(name, new Uint8Array(bytes));
    return name;
  }

  async get(name: string): Promise<Uint8Array> {
    const bytes = this.kept.get(name);
    if (!bytes) throw new ArtifactMissing(`artifact ${name} was never put here`);
    return new Uint8Array(bytes);
  }

  async has(name: string): Promise<boolean> {
    return this.kept.has(name);
  }
}
