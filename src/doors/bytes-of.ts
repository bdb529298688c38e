import type { FastifyRequest } from 'fastify';
import { HttpProblem } from './problem.js';

export const OCTETS = 'application/octet-stream';

/** The body as it comes, where the media type's parser hands it on unread. @throws HttpProblem 413, 415 */
export async function* bytesOf(
  { body, headers }: FastifyRequest,
  most: number,
  type = OCTETS,
): AsyncGenerator<Uint8Array> {
  const chunks = body as AsyncIterable<Uint8Array> | null | undefined;
  const isOfType = headers['content-type']?.split(';')[0]?.trim().toLowerCase() === type;
  if (!isOfType || typeof chunks?.[Symbol.asyncIterator] !== 'function')
    throw new HttpProblem(415, 'media-type', 'This media type is not understood', `send the body as ${type}`);
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most)
      throw new HttpProblem(413, 'too-large', 'The request is too large', `at most ${most} bytes are read here`);
    yield chunk;
  }
}
