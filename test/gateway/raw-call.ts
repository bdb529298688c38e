import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';

/** Sends bytes as they are to a method that answers with a stream; answers the status that the call ended with. */
export const rawCall = (port: number, path: string, bytes: Uint8Array): Promise<number> =>
  new Promise((resolve) => {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const asIs = (given: Uint8Array): Buffer => Buffer.from(given);
    const call = client.makeBidiStreamRequest(path, asIs, (answer: Buffer) => answer, new Metadata());
    let code = 0;
    call.on('error', (error: ServiceError) => (code = error.code));
    call.on('status', ({ code: told }) => {
      resolve(told || code);
      client.close();
    });
    call.on('data', () => undefined);
    call.write(bytes);
    call.end();
  });
