import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Witness } from './witness.js';

/** A checkpoint with 63 hashes and a dozen signatures takes less. */
const MOST_BYTES = 64 * 1024;
const TEXT = 'text/plain; charset=utf-8';
const SIZE = 'text/x.tlog.size';

/** @returns undefined when there is more than is read here */
const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const say = (response: ServerResponse, status: number, type: string, text: string): void => {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
};

const answer = async (witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const path = (request.url ?? '').split('?')[0];
  if (path !== '/add-checkpoint') return say(response, 404, TEXT, 'POST /add-checkpoint (c2sp.org/tlog-witness)\n');
  if (request.method !== 'POST') return say(response, 405, TEXT, 'POST is needed\n');
  const body = await bodyOf(request);
  if (body === undefined) return say(response, 413, TEXT, `at most ${MOST_BYTES} bytes are read here\n`);
  const outcome = await witness.add(body);
  if (outcome.status === 200) return say(response, 200, TEXT, outcome.lines);
  if (outcome.status === 409) return say(response, 409, SIZE, `${outcome.size}\n`);
  return say(response, outcome.status, TEXT, `${outcome.message}\n`);
};

export type Listening = Readonly<{ url: string; close(): Promise<void> }>;

/**
 * Answers `add-checkpoint` (c2sp.org/tlog-witness) to anybody: a checkpoint that a known key signed is all it takes.
 * @param onFault hears why an answer could not be given
 */
export const listenAsWitness = async (
  witness: Witness,
  { host, port }: Readonly<{ host: string; port: number }>,
  onFault: (error: Error) => void,
): Promise<Listening> => {
  const server: Server = createServer((request, response) => {
    answer(witness, request, response).catch((error: Error) => {
      onFault(error);
      if (response.headersSent) response.destroy();
      else say(response, 500, TEXT, 'the witness cannot keep what it saw\n');
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const { address, family, port: taken } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`, close };
};
