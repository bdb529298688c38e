import { Artifacts } from '#ledger/artifacts.js';
import type { Ledger } from '#ledger/ledger.js';

/** Where a replay writes: gone when it is done. */
export type Scratch = Readonly<{ ledger: Ledger; artifacts: Artifacts }>;

/** Opens an empty store over the recorded artifacts, which it may read. */
export abstract class ScratchStore {
  abstract open(recorded: Artifacts): Scratch;
}

/**
 * Reads what is not in the scratch store from the recorded artifacts and writes to the scratch store only. Names are
 * hashes and checked at every load, so it does not matter where bytes come from: what a replay claims is the hash of
 * what it computed.
 */
export class OverlayArtifacts extends Artifacts {
  constructor(
    private readonly scratch: Artifacts,
    private readonly recorded: Artifacts,
  ) {
    super();
  }

  put(bytes: Uint8Array): Promise<string> {
    return this.scratch.put(bytes);
  }

  async get(sha256: string): Promise<Uint8Array> {
    return (await this.scratch.has(sha256)) ? this.scratch.get(sha256) : this.recorded.get(sha256);
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.scratch.has(sha256)) || this.recorded.has(sha256);
  }

  erase(sha256: string, why: string): Promise<void> {
    return this.scratch.erase(sha256, why);
  }
}
