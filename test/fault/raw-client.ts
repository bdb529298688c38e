import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client of which nothing is polite: it sends what it likes, and takes what comes as slowly as it likes, or not at all. */
export class RawClient {
  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
  }

  static async open(url: string, sent: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(sent);
    return new RawClient(socket);
  }

  /** Asks for a path and takes nothing of the answer; resolves when some of it has come. */
  static async stopping(url: string, path: string): Promise<RawClient> {
    const client = await RawClient.open(url, `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    client.socket.pause();
    while (client.socket.bytesRead === 0 && !client.socket.destroyed) {
      client.socket.read(0);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return client;
  }

  /** Takes a byte now and then from here on. */
  sip(everyMs: number): void {
    const sipping = setInterval(() => this.socket.read(1), everyMs);
    this.socket.once('close', () => clearInterval(sipping));
  }

  /** All that comes until the service ends the connection. */
  async rest(): Promise<string> {
    let text = '';
    for await (const chunk of this.socket) text += String(chunk);
    return text;
  }

  vanish(): void {
    this.socket.destroy();
  }
}
