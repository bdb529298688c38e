import { ArtifactDamaged, ArtifactGone, ArtifactMissing, Artifacts } from '#ledger/artifacts.js';
import { sha256 } from '#ledger/digest.js';
import { ServiceRefused, type HttpService } from './http-service.js';

const HASH = /^[0-9a-f]{64}$/;
const OCTETS = 'application/octet-stream';
const NOT_FOUND = 404;
const GONE = 410;

const isStatus = (error: unknown, status: number): boolean =>
  error instanceof ServiceRefused && error.status === status;

/** Artifacts of a service. What is under seal there is refused with ServiceRefused. */
export class HttpArtifacts extends Artifacts {
  constructor(private readonly service: HttpService) {
    super();
  }

  async put(bytes: Uint8Array): Promise<string> {
    const name = sha256(bytes);
    await this.send(name, bytes.slice());
    return name;
  }

  override async receive(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const received: Uint8Array[] = [];
    for await (const chunk of chunks) received.push(chunk.slice());
    await this.send(name, Buffer.concat(received));
  }

  async get(name: string): Promise<Uint8Array> {
    if (!HASH.test(name)) throw new ArtifactMissing(`"${name}" names no artifact: a name is 64 lower-case hex digits`);
    const { url } = this.service;
    const bytes = await this.service
      .bytes({ path: `/v1/artifacts/${name}`, accept: OCTETS })
      .catch((error: unknown) => {
        if (isStatus(error, GONE)) throw new ArtifactGone((error as Error).message);
        if (!isStatus(error, NOT_FOUND)) throw error;
        throw new ArtifactMissing(`artifact ${name} is not at ${url}; copy it there from a backup or an export`);
      });
    const actual = sha256(bytes);
    if (actual === name) return bytes;
    throw new ArtifactDamaged(`artifact ${name}: the ${bytes.length} bytes from ${url} have SHA-256 ${actual}`);
  }

  async has(name: string): Promise<boolean> {
    if (!HASH.test(name)) return false;
    try {
      await this.service.bytes({ method: 'HEAD', path: `/v1/artifacts/${name}`, accept: OCTETS });
      return true;
    } catch (error) {
      if (isStatus(error, NOT_FOUND) || isStatus(error, GONE)) return false;
      if (!(error instanceof ServiceRefused)) throw error;
      // The answer to HEAD has no words: those of the refusal come with the bytes that are refused.
      await this.get(name);
      return true;
    }
  }

  erase(name: string): Promise<void> {
    return Promise.reject(new RangeError(`${name}: only the service itself erases what it has`));
  }

  private async send(name: string, content: Uint8Array): Promise<void> {
    await this.service
      .bytes({ method: 'PUT', path: `/v1/artifacts/${name}`, body: { type: OCTETS, content } })
      .catch((error: unknown) => {
        if (isStatus(error, GONE)) throw new ArtifactGone((error as Error).message);
        if (error instanceof ServiceRefused && error.kind === 'wrong-hash') throw new ArtifactDamaged(error.message);
        throw error;
      });
  }
}
