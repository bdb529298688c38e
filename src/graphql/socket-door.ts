import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import type { FastifyRequest } from 'fastify';
import { specifiedRules, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { Identity } from '#doors/allow.js';
import type { Known } from '#doors/caller.js';
import { HttpProblem } from '#doors/problem.js';
import { asGraphError } from './graph-problem.js';
import { limitShape } from './limits.js';

/** Sockets at once. */
const MOST_SOCKETS = 500;
/** A socket that subscribes to nothing for so long after it opened is closed. */
const PATIENCE_MS = 10_000;
/** So often it is looked whether the other end is still there. */
const KEEP_ALIVE_MS = 30_000;

type Socket = FastifyRequest['raw']['socket'];
type Upgraded = FastifyRequest & Known & Readonly<{ ws?: boolean }>;
type Init = Readonly<{ payload?: unknown }>;
/** What is known of whoever is at the other end: who they are, or why that is not known. */
export type SocketContext = Readonly<{ request: FastifyRequest; identity?: Identity; refusal?: Error }>;

const header = (payload: unknown): unknown => {
  const {
    authorization,
    Authorization = authorization,
    headers,
  } = (payload ?? {}) as Readonly<Record<string, unknown>>;
  return Authorization ?? (headers === undefined ? undefined : header(headers));
};

const NO_TOKEN = 'a token is needed: {"authorization": "Bearer pl_…"} as the payload of connection_init';

/** What Mercurius leaves open about sockets: who may open how many, for how long, and what may be subscribed to. */
export class SocketDoor {
  private readonly deadlines = new WeakMap<Socket, NodeJS.Timeout>();
  private open = 0;

  constructor(
    private readonly whoIs: (authorization: string) => Promise<Identity>,
    private readonly requireReader: (identity: Identity | undefined) => void,
  ) {}

  /** A hook of the route. @throws HttpProblem 503 */
  readonly admit = async ({ ws, raw }: Upgraded): Promise<void> => {
    if (!ws) return;
    if (this.open >= MOST_SOCKETS)
      throw new HttpProblem(
        503,
        'too-many-readers',
        'Too many readers',
        `${MOST_SOCKETS} sockets are open; try again later`,
        {
          'retry-after': '10',
        },
      );
    this.open += 1;
    const { socket } = raw;
    this.deadlines.set(
      socket,
      setTimeout(() => socket.destroy(), PATIENCE_MS),
    );
    socket.once('close', () => {
      this.open -= 1;
      clearTimeout(this.deadlines.get(socket));
    });
  };

  options(): NonNullable<MercuriusDriverConfig['subscription']> {
    return {
      keepAlive: KEEP_ALIVE_MS,
      context: (_socket, request: FastifyRequest & Known) => {
        const { identity } = request;
        return { ...(identity && { identity }) } as never;
      },
      onConnect: (init: Init) => this.connect(init),
    };
  }

  /** A token in the first message counts more than how the socket was opened. */
  private async connect({ payload }: Init): Promise<object | true> {
    const authorization = header(payload);
    if (authorization === undefined) return true;
    try {
      return { identity: await this.whoIs(String(authorization)) };
    } catch (error) {
      return { identity: undefined, refusal: error };
    }
  }

  /** Mercurius subscribes to whatever it can parse. @throws GraphQLError */
  readonly check = (schema: GraphQLSchema, document: DocumentNode, context: SocketContext): void => {
    const { request, identity, refusal } = context;
    try {
      if (refusal) throw refusal;
      if (!identity) throw new HttpProblem(401, 'unauthenticated', 'Who are you?', NO_TOKEN);
      this.requireReader(identity);
    } catch (error) {
      throw asGraphError(error);
    }
    const [first] = validate(schema, document, [...specifiedRules, limitShape]);
    if (first) throw asGraphError(first);
    clearTimeout(this.deadlines.get(request.raw.socket));
  };
}
