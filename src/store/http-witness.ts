import { request as plain } from 'node:http';
import { request as encrypted } from 'node:https';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';

/** A witness that is slower than this holds up what is published. */
const SILENCE_MS = 10_000;

const post = (url: URL, body: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) };
    const asked = (url.protocol === 'https:' ? encrypted : plain)(url, {
      method: 'POST',
      headers,
      timeout: SILENCE_MS,
    });
    asked.once('response', resolve).once('error', reject);
    asked.once('timeout', () => asked.destroy(new Error(`nothing came for ${SILENCE_MS / 1000} s`)));
    asked.end(body);
  });

/** Asks the witness at an address, as c2sp.org/tlog-witness has it. Rejects with whatever keeps it from answering. */
export const httpWitness =
  (address: string) =>
  async (body: string): Promise<Readonly<{ status: number; body: string }>> => {
    const url = new URL('add-checkpoint', address.endsWith('/') ? address : `${address}/`);
    const response = await post(url, body);
    return { status: response.statusCode ?? 0, body: await text(response) };
  };
