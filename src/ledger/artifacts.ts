import { createHash } from 'node:crypto';

/** An artifact whose bytes are not the ones its name promises. */
export class ArtifactDamaged extends Error {
  override readonly name = 'ArtifactDamaged';
}

export class ArtifactMissing extends Error {
  override readonly name = 'ArtifactMissing';
}

/** An artifact that was erased by a decision: its bytes are gone for good, and nobody takes them in again. */
export class ArtifactGone extends Error {
  override readonly name = 'ArtifactGone';
}

/** What is said of an erased artifact wherever it is asked for. */
export const gone = (sha256: string, why: string): ArtifactGone =>
  new ArtifactGone(`artifact ${sha256} was erased: ${why}`);

/** The disk refused an artifact: full, read-only or failing. Nothing of it was kept. */
export class ArtifactUnwritable extends Error {
  override readonly name = 'ArtifactUnwritable';
}

/** Passes chunks on; ends with an error where all of them together have another hash. @throws ArtifactDamaged */
export async function* checkingHash(sha256: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
    yield chunk;
  }
  const actual = hash.digest('hex');
  if (actual !== sha256)
    throw new ArtifactDamaged(`artifact ${sha256}: the ${bytes} bytes that came have SHA-256 ${actual}`);
}

/** Large bytes named by their SHA-256 (64 lower-case hex digits). */
export abstract class Artifacts {
  /** Durable when it resolves; putting the same bytes again is free. Returns the name. @throws ArtifactUnwritable, ArtifactGone */
  abstract put(bytes: Uint8Array): Promise<string>;
  /**
   * Takes bytes that are sent under a name, as they come; durable when it resolves. Nothing is kept of bytes that break off
   * or have another hash. @throws ArtifactDamaged, ArtifactUnwritable, and what the sender's chunks throw
   */
  async receive(sha256: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const received: Uint8Array[] = [];
    const checked = checkingHash(sha256, chunks);
    for await (const chunk of checked) received.push(chunk.slice());
    await this.put(Buffer.concat(received));
  }
  /** @throws ArtifactMissing, ArtifactDamaged, ArtifactGone: the hash is checked at every load. */
  abstract get(sha256: string): Promise<Uint8Array>;
  /** False also of what was erased. */
  abstract has(sha256: string): Promise<boolean>;
  /** Those of the names that are there: the same answer as {@link has} gives to each. */
  async among(names: readonly string[]): Promise<ReadonlySet<string>> {
    const there = new Set<string>();
    for (const name of names) if (await this.has(name)) there.add(name);
    return there;
  }
  /** Ends the bytes for good, and keeps why; again, it changes nothing. Only after the log says so. @throws ArtifactUnwritable */
  abstract erase(sha256: string, why: string): Promise<void>;
}
