/** An artifact whose bytes are not the ones its name promises. */
export class ArtifactDamaged extends Error {
  override readonly name = 'ArtifactDamaged';
}

export class ArtifactMissing extends Error {
  override readonly name = 'ArtifactMissing';
}

/** The disk refused an artifact: full, read-only or failing. Nothing of it was kept. */
export class ArtifactUnwritable extends Error {
  override readonly name = 'ArtifactUnwritable';
}

/** Large bytes named by their SHA-256 (64 lower-case hex digits). */
export abstract class Artifacts {
  /** Durable when it resolves; putting the same bytes again is free. Returns the name. @throws ArtifactUnwritable */
  abstract put(bytes: Uint8Array): Promise<string>;
  /** @throws ArtifactMissing, ArtifactDamaged: the hash is checked at every load. */
  abstract get(sha256: string): Promise<Uint8Array>;
  abstract has(sha256: string): Promise<boolean>;
}
