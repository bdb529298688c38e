import { request as plain, type IncomingMessage } from 'node:http';
import { request as encrypted } from 'node:https';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** What a service answered in place of what was asked for: its own words, the status, the last part of the problem's type. */
export class ServiceRefused extends Error {
  override readonly name = 'ServiceRefused';
  constructor(
    message: string,
    readonly status: number,
    readonly kind: string,
  ) {
    super(message);
  }
}

/** No service answers there, or none any more. */
export class ServiceUnreachable extends Error {
  override readonly name = 'ServiceUnreachable';
}

/** What is sent: whole, or in chunks that can be had again for a second try. */
export type Body = Readonly<{ type: string; content: Uint8Array | (() => AsyncIterable<Uint8Array>) }>;

export type Asked = Readonly<{
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** With its query. */
  path: string;
  accept?: string;
  body?: Body;
  /** Idempotency-Key: a command that may be asked again. */
  key?: string;
  /** How long nothing may come. */
  silenceMs?: number;
  signal?: AbortSignal;
}>;

const SILENCE_MS = 60_000;
/** A service that is away is given so long to come back. */
const PATIENCE_MS = 15_000;
const FIRST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 2000;
const MOST_WORDS = 200;

/** Answers after which the same question may do better a little later. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ServiceUnreachable ||
  (error instanceof ServiceRefused && (error.status === 429 || [502, 503, 504].includes(error.status)));

const ABSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Nothing listens there at all, which asking again seldom changes. */
const isAbsent = (error: unknown): boolean =>
  error instanceof Error && ABSENT.has(String((error.cause as NodeJS.ErrnoException | undefined)?.code));

const isRepeatable = ({ method = 'GET', key }: Asked): boolean => method !== 'POST' || key !== undefined;

export const asJson = (value: unknown): Body => ({
  type: 'application/json',
  content: Buffer.from(JSON.stringify(value)),
});

const exchange = (url: URL, headers: Readonly<Record<string, string>>, asked: Asked): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', body, silenceMs = SILENCE_MS, signal } = asked;
    const options = { method, headers, timeout: silenceMs, ...(signal && { signal }) };
    const request = (url.protocol === 'https:' ? encrypted : plain)(url, options);
    request.once('response', resolve);
    request.once('timeout', () => request.destroy(new Error(`nothing came for ${silenceMs / 1000} s`)));
    request.on('error', reject);
    if (typeof body?.content !== 'function') request.end(body?.content);
    else
      Readable.from(body.content())
        .once('error', (error) => request.destroy(error))
        .pipe(request);
  });

const read = async (response: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const ADVICE: Readonly<Record<number, string>> = {
  401: ' (here: with --token, or in PROMETHEUS_LEDGER_TOKEN)',
};

const refusal = async (response: IncomingMessage): Promise<ServiceRefused> => {
  const status = response.statusCode ?? 0;
  const text = (await read(response)).toString();
  try {
    const { detail, type = '' } = JSON.parse(text) as { detail?: unknown; type?: string };
    if (typeof detail === 'string')
      return new ServiceRefused(`${detail}${ADVICE[status] ?? ''}`, status, type.split(':').at(-1) ?? '');
  } catch {
    // Something else than the service answers there: its words are shown as they are.
  }
  return new ServiceRefused(`it answered ${status} ${text.slice(0, MOST_WORDS)}`.trim(), status, '');
};

/** A running service, as the holder of a token asks it; without one, as anybody on its own machine may. */
export class HttpService {
  private answered = false;

  constructor(
    readonly url: string,
    private readonly token: string | undefined,
  ) {}

  /** The answer's head, its body still to be read. @throws ServiceRefused, ServiceUnreachable */
  async open(asked: Asked): Promise<IncomingMessage> {
    const { path, accept = 'application/json', body, key } = asked;
    const url = new URL(path.slice(1), this.url.endsWith('/') ? this.url : `${this.url}/`);
    const length = body && typeof body.content !== 'function' ? { 'content-length': String(body.content.length) } : {};
    const headers = {
      accept,
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
      ...(body && { 'content-type': body.type, ...length }),
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    const response = await exchange(url, headers, asked).catch((error: Error) => {
      asked.signal?.throwIfAborted();
      throw this.unreachable(error);
    });
    this.answered = true;
    if ((response.statusCode ?? 0) < 400) return response;
    throw await refusal(response);
  }

  /** The whole answer. What may be asked twice is asked again when a service that is there does not answer for a moment. */
  async bytes(asked: Asked): Promise<Buffer> {
    let patience: AbortSignal | undefined;
    for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(MOST_PAUSE_MS, 2 * waitMs))
      try {
        return await this.whole(asked);
      } catch (error) {
        asked.signal?.throwIfAborted();
        const mayPass = isPassing(error) && (this.answered || !isAbsent(error));
        if (!mayPass || !isRepeatable(asked) || patience?.aborted) throw error;
        patience ??= AbortSignal.timeout(PATIENCE_MS);
        await pause(waitMs, undefined, asked.signal && { signal: asked.signal });
      }
  }

  /** What was answered in JSON; undefined for an empty answer. */
  async json<T>(asked: Asked): Promise<T> {
    const text = (await this.bytes(asked)).toString();
    if (text === '') return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new ServiceRefused(`${this.url} answers something else than JSON: ${text.slice(0, MOST_WORDS)}`, 0, '');
    }
  }

  private async whole(asked: Asked): Promise<Buffer> {
    const response = await this.open(asked);
    return read(response).catch((error: Error) => {
      throw this.unreachable(error);
    });
  }

  private unreachable(cause: Error): ServiceUnreachable {
    const why = cause.message || String((cause as NodeJS.ErrnoException).code);
    return new ServiceUnreachable(`no service answers at ${this.url}: ${why}; \`serve\` starts one`, { cause });
  }
}
