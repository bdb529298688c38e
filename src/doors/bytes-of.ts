import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { HttpProblem } from './problem.js';

export const OCTETS = 'application/octet-stream';

/**
 * The body as it comes, where the media type's parser hands it on unread. Whoever refuses it half way is heard all the same:
 * the rest is read and dropped, since a connection that is ended while its client still sends never brings the answer.
 * @throws HttpProblem 413, 415
 */
export async function* bytesOf(
  { body, headers }: FastifyRequest,
  most = Infinity,
  type = OCTETS,
): AsyncGenerator<Uint8Array> {
  const isOfType = headers['content-type']?.split(';')[0]?.trim().toLowerCase() === type;
  if (!isOfType || !(body instanceof Readable))
    throw new HttpProblem(415, 'media-type', 'This media type is not understood', `send the body as ${type}`);
  let bytes = 0;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > most)
        throw new HttpProblem(413, 'too-large', 'The request is too large', `at most ${most} bytes are read here`);
      yield chunk;
    }
  } finally {
    body.resume();
  }
}
