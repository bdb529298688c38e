import { request as plain } from 'node:http';
import { request as encrypted } from 'node:https';
import { readServiceFile } from '#doors/service-file.js';
import { LogInUse } from '#ledger/log.js';

/** What a service answered in place of what was asked for. */
export class ServiceRefused extends Error {
  override readonly name = 'ServiceRefused';
}

/** No service answers there. */
export class ServiceUnreachable extends Error {
  override readonly name = 'ServiceUnreachable';
}

type Answered = Readonly<{ status: number; text: string }>;

const PATIENCE_MS = 30_000;

const exchange = (url: URL, method: string, secret: string, body: string | undefined): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${secret}`,
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const asked = (url.protocol === 'https:' ? encrypted : plain)(url, { method, headers, timeout: PATIENCE_MS });
    asked.once('response', (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.once('error', reject);
    });
    asked.once('timeout', () => asked.destroy(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
    asked.once('error', reject);
    asked.end(body);
  });

const detailOf = ({ status, text }: Answered): string => {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // Something else than the service answers there: its words are shown as they are.
  }
  return `it answered ${status}: ${text.slice(0, 200)}`;
};

/** Asks a running service, as the holder of a secret. */
export class ServiceClient {
  constructor(
    readonly url: string,
    private readonly secret: string,
  ) {}

  /** @throws ServiceRefused with the service's own words; ServiceUnreachable */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const answered = await exchange(new URL(path, this.url), method, this.secret, sent).catch((error: Error) => {
      throw new ServiceUnreachable(`no service answers at ${this.url}: ${error.message}`, { cause: error });
    });
    if (answered.status >= 400) throw new ServiceRefused(detailOf(answered));
    return (answered.text === '' ? undefined : JSON.parse(answered.text)) as T;
  }
}

/** The service that runs on a data folder; undefined where none answers, such as after a power cut. */
export const serviceOn = async (data: string): Promise<ServiceClient | undefined> => {
  const file = await readServiceFile(data);
  if (!file) return undefined;
  const client = new ServiceClient(file.url, file.secret);
  try {
    await client.ask('GET', '/livez');
    return client;
  } catch (error) {
    if (error instanceof ServiceUnreachable || error instanceof ServiceRefused) return undefined;
    throw error;
  }
};

/** A folder that is in use by a service: the error says where it answers. */
export const namingService = async (error: Error, data: string): Promise<Error> => {
  if (!(error instanceof LogInUse)) return error;
  const file = await readServiceFile(data);
  return file ? new LogInUse(`${error.message}; a service answers for it at ${file.url}`, { cause: error }) : error;
};
