import { request as plain } from 'node:http';
import { request as encrypted } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { sha256 } from '#ledger/digest.js';
import type { ClaimKey } from './desk-order.js';
import type { Progress } from './trainer.js';
import type { AbortBody, Claim, ClaimBody, CompleteBody, Heartbeat } from './trainer.view.js';

/** The service said no; `kind` is the last part of the problem's type. */
export class Answered extends Error {
  override readonly name = 'Answered';
  constructor(
    readonly status: number,
    readonly kind: string,
    detail: string,
  ) {
    super(detail);
  }
}

type Sent = Readonly<{ type: string; bytes: Uint8Array }>;
type Asked = Readonly<{ method: string; path: string; sent?: Sent; signal?: AbortSignal | undefined }>;
type Got = Readonly<{ status: number; bytes: Buffer }>;

/** Longer than a claim may wait. */
const SILENCE_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 10_000;
/** Answers after which the same question may do better a little later. */
const PASSING = (status: number): boolean => status >= 500 || status === 429 || status === 408;

const problemOf = ({ status, bytes }: Got): Answered => {
  const text = bytes.toString();
  try {
    const { type = '', detail = text } = JSON.parse(text) as { type?: string; detail?: string };
    return new Answered(status, type.split(':').at(-1) ?? '', detail);
  } catch {
    return new Answered(status, '', text.slice(0, 200));
  }
};

const asJson = (body: object): Sent => ({ type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) });

/**
 * The trainers' protocol from the trainer's side. Whatever fails on the way, or because the service is away, is asked again
 * until the signal ends it; a refusal is thrown.
 */
export class TrainerClient {
  constructor(
    private readonly url: string,
    private readonly token: string | undefined,
    /** Hears that the service cannot be reached, and that it can again (null). */
    private readonly onTrouble: (message: string | null) => void,
  ) {}

  /** An order, or undefined when none came while the service waited. */
  async claim(body: ClaimBody, signal: AbortSignal): Promise<Claim | undefined> {
    const asked = { method: 'POST', path: '/v1/trainer/claims', sent: asJson(body), signal };
    const { status, bytes } = await this.insist(asked);
    return status === 204 ? undefined : (JSON.parse(bytes.toString()) as Claim);
  }

  /** @throws Answered, also when the bytes that came are others */
  async input(key: ClaimKey, hash: string, signal: AbortSignal): Promise<Uint8Array> {
    const { status, bytes } = await this.insist({ method: 'GET', path: this.path(key, `artifacts/${hash}`), signal });
    const actual = sha256(bytes);
    if (actual !== hash) throw new Answered(status, 'wrong-hash', `input ${hash} came with SHA-256 ${actual}`);
    return bytes;
  }

  async upload(key: ClaimKey, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const path = this.path(key, `artifacts/${sha256(bytes)}`);
    await this.insist({ method: 'PUT', path, sent: { type: 'application/octet-stream', bytes }, signal });
  }

  /** Asked once: the next one comes soon enough. */
  async heartbeat(key: ClaimKey, progress: Progress | null): Promise<Heartbeat> {
    const path = this.path(key, 'heartbeat');
    const { bytes } = await this.ask({ method: 'POST', path, sent: asJson({ progress }) });
    return JSON.parse(bytes.toString()) as Heartbeat;
  }

  async complete(key: ClaimKey, body: CompleteBody, signal: AbortSignal): Promise<void> {
    await this.insist({ method: 'POST', path: this.path(key, 'complete'), sent: asJson(body), signal });
  }

  /** Asked once: a service that does not hear it notices when the lease runs out. */
  async abort(key: ClaimKey, body: AbortBody): Promise<void> {
    await this.ask({ method: 'POST', path: this.path(key, 'abort'), sent: asJson(body) });
  }

  private path({ run, cycle, epoch }: ClaimKey, what: string): string {
    return `/v1/trainer/claims/${run}/${cycle}/${epoch}/${what}`;
  }

  private async insist(asked: Asked): Promise<Got> {
    for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(MOST_PAUSE_MS, 2 * waitMs))
      try {
        const got = await this.ask(asked);
        this.onTrouble(null);
        return got;
      } catch (error) {
        asked.signal?.throwIfAborted();
        if (error instanceof Answered && !PASSING(error.status)) throw error;
        this.onTrouble(error instanceof Error ? error.message : String(error));
        await pause(waitMs, undefined, asked.signal && { signal: asked.signal });
      }
  }

  private async ask({ method, path, sent, signal }: Asked): Promise<Got> {
    const url = new URL(path, this.url);
    const headers = {
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
      ...(sent && { 'content-type': sent.type, 'content-length': sent.bytes.length }),
    };
    const got = await new Promise<Got>((resolve, reject) => {
      const options = { method, headers, timeout: SILENCE_MS, ...(signal && { signal }) };
      const asked = (url.protocol === 'https:' ? encrypted : plain)(url, options);
      asked.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(chunks) }));
        response.once('error', reject);
      });
      asked.once('timeout', () => asked.destroy(new Error(`no answer within ${SILENCE_MS / 1000} s`)));
      asked.once('error', reject);
      asked.end(sent?.bytes);
    });
    if (got.status >= 400) throw problemOf(got);
    return got;
  }
}
