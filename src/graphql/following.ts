import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '#doors/problem.js';
import { asGraphError } from './graph-problem.js';

/** Subscriptions at once, in all and over one socket; each holds one message. */
const MOST = 500;
const MOST_PER_SOCKET = 20;

const tooMany = (most: number, where: string): HttpProblem =>
  new HttpProblem(503, 'too-many-readers', 'Too many readers', `${most} follow ${where} already; ask again later`, {
    'retry-after': '10',
  });

type Socket = FastifyRequest['raw']['socket'];

/** Who follows what: each ends with its socket, with the service, or when its reader wants no more. */
export class Followings {
  private all = 0;
  private readonly bySocket = new WeakMap<Socket, number>();

  constructor(private readonly stopping: AbortSignal) {}

  /**
   * What comes, one after the other, as the reader takes it. `follow` must end soon after its signal aborts.
   * @throws HttpProblem 503 when there are too many
   */
  begin<T>(socket: Socket, follow: (signal: AbortSignal) => AsyncGenerator<T>): AsyncIterableIterator<T> {
    const there = this.bySocket.get(socket) ?? 0;
    if (this.all >= MOST) throw tooMany(MOST, 'here');
    if (there >= MOST_PER_SOCKET) throw tooMany(MOST_PER_SOCKET, 'over this socket');
    this.count(socket, 1);
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    socket.once('close', leave);
    // The socket may have gone while it was found out who asks.
    if (socket.destroyed) leave();
    const items = follow(AbortSignal.any([gone.signal, this.stopping]));
    let open = true;
    const end = (): void => {
      leave();
      if (!open) return;
      open = false;
      socket.off('close', leave);
      this.count(socket, -1);
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        try {
          const item = await items.next();
          if (item.done) end();
          return item;
        } catch (error) {
          end();
          throw asGraphError(error);
        }
      },
      async return(value?: T) {
        end();
        return items.return(value);
      },
    };
  }

  private count(socket: Socket, by: number): void {
    this.all += by;
    this.bySocket.set(socket, (this.bySocket.get(socket) ?? 0) + by);
  }
}
