import type { Metadata } from '@grpc/grpc-js';
import type { Identity } from '#doors/allow.js';
import { Refusal } from './refusal.js';

/** Who shows this token; undefined: who shows none. Rejects when nobody is known by it. */
export type Admit = (token: string | undefined) => Promise<Identity>;

const BASIC = /^basic +([A-Za-z0-9+/=]+)$/i;

/** Clients of the protocol send name and password: the password is a token, the name is not looked at. */
const tokenIn = (metadata: Metadata): string | undefined => {
  const [authorization] = metadata.get('authorization');
  if (authorization === undefined) return undefined;
  const [, encoded = ''] = BASIC.exec(String(authorization)) ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw Refusal.unauthenticated('authorization: user and password are needed, a token as the password');
  return text.slice(colon + 1);
};

/** The calls that are open, so that all of them can be ended, and who makes them. */
export class Calls {
  private readonly open = new Set<(refusal: Refusal) => void>();

  constructor(private readonly admit: Admit) {}

  /** A call is open until it is forgotten; `end` ends it before its time. Returns how to forget it. */
  opened(end: (refusal: Refusal) => void): () => void {
    this.open.add(end);
    return () => void this.open.delete(end);
  }

  endAll(): void {
    for (const end of this.open) end(Refusal.stopping());
  }

  /** @throws Refusal */
  async whoAsks(metadata: Metadata): Promise<Identity> {
    const token = tokenIn(metadata);
    return this.admit(token).catch((error: Error) => {
      throw Refusal.unauthenticated(error.message);
    });
  }
}
