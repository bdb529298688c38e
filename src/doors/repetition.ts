import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { sha256 } from '#ledger/digest.js';
import { CommandConflict, hasWritten, type CommandId } from '#ledger/ledger.js';
import { Log } from '#ledger/log.js';
import { canonicalJson } from '#ledger/record.js';
import { knownOf } from './caller.js';
import { InvalidRequest } from './dispatch.js';

const KEY = /^[\x21-\x7e]{1,200}$/;
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Keys of commands that wrote nothing, which only this process remembers; the log remembers the others for ever. */
const MOST_KEYS = 10_000;

/** RFC 9562 version 8: a UUID whose bits are of our own making. */
const uuidOf = (...parts: readonly unknown[]): string => {
  const hex = sha256(canonicalJson(parts));
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** The name that a key gives a command: of the caller's own, and of everything the command says. */
export const commandId = (identity: string, key: string, call: string, body: unknown): CommandId => ({
  correlationId: uuidOf('idempotency-key', identity, key),
  id: uuidOf('command', identity, key, call, body ?? null),
});

type Asked = Readonly<{ key: string | undefined; call: string; body: unknown }>;
type Info = Readonly<{ operation?: Readonly<{ operation?: string }>; fieldName?: string }>;

/** Bytes, or a stream of them, which is read only once: what is sent so is the same however often it comes. */
const isRaw = (body: unknown): boolean =>
  Buffer.isBuffer(body) || typeof (body as AsyncIterable<unknown> | null)?.[Symbol.asyncIterator] === 'function';

/** What a request that changes something says; undefined for one that only asks. */
const askedOf = (context: ExecutionContext): Asked | undefined => {
  if (context.getType<string>() === 'graphql') {
    const [, args, reached, info] =
      context.getArgs<[unknown, { idempotencyKey?: string | null }, { reply?: { request: FastifyRequest } }, Info]>();
    if (info.operation?.operation !== 'mutation') return undefined;
    const { idempotencyKey = keyOf(reached.reply?.request) } = args;
    return { key: idempotencyKey ?? undefined, call: `GraphQL ${info.fieldName}`, body: args };
  }
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  if (SAFE.has(request.method) || isRaw(request.body)) return undefined;
  return { key: keyOf(request), call: `${request.method} ${request.url}`, body: request.body };
};

const keyOf = (request: FastifyRequest | undefined): string | undefined => {
  const header = request?.headers['idempotency-key'];
  return Array.isArray(header) ? header.join(',') : header;
};

/**
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a command that comes again under its key is carried out
 * once and answered again; two at once go one after the other; another command under the same key is refused.
 */
@Injectable()
export class Repetition implements NestInterceptor {
  private readonly turns = new Map<string, Promise<unknown>>();
  private readonly used = new Map<string, string>();

  constructor(private readonly log: Log) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const asked = askedOf(context);
    // A GraphQL request may hold several commands: the name of one is not that of the next.
    if (asked) delete knownOf(context).origin;
    if (asked?.key === undefined) return next.handle();
    const { key, call, body } = asked;
    if (!KEY.test(key)) {
      const allowed = '1 to 200 visible ASCII characters';
      throw new InvalidRequest(
        `Idempotency-Key: ${JSON.stringify(key.slice(0, 60))} is not allowed: ${allowed}`,
        { field: 'Idempotency-Key', value: key.slice(0, 200), allowed },
        400,
      );
    }
    const known = knownOf(context);
    const requester = known.identity?.id ?? 'nobody';
    const command = commandId(requester, key, call, body);
    known.origin = { requester, command };
    return from(this.inTurn(command, () => lastValueFrom(next.handle(), { defaultValue: undefined })));
  }

  private async inTurn(command: CommandId, work: () => Promise<unknown>): Promise<unknown> {
    const { correlationId } = command;
    const before = this.turns.get(correlationId);
    const now = (before ?? Promise.resolve()).catch(() => undefined).then(() => this.once(command, work));
    this.turns.set(correlationId, now);
    try {
      return await now;
    } finally {
      if (this.turns.get(correlationId) === now) this.turns.delete(correlationId);
    }
  }

  private async once(command: CommandId, work: () => Promise<unknown>): Promise<unknown> {
    const { id, correlationId } = command;
    const used = this.used.get(correlationId);
    if (used !== undefined && used !== id)
      throw new CommandConflict(
        'Idempotency-Key: the key was used for another request; a key belongs to one request and its repetitions',
      );
    // Refused before the work begins; the appends themselves would refuse it too.
    await hasWritten(this.log, command);
    const answer = await work();
    this.used.set(correlationId, id);
    const [oldest] = this.used.keys();
    if (this.used.size > MOST_KEYS && oldest !== undefined) this.used.delete(oldest);
    return answer;
  }
}
