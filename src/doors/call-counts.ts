import type { FastifyRateLimitStore } from '@fastify/rate-limit';

/** Callers that are counted at once; the one counted longest ago is forgotten first. */
const MOST_CALLERS = 10_000;

type Window = { count: number; sinceMs: number };
type Tell = Parameters<FastifyRateLimitStore['incr']>[1];

/**
 * How often each caller asked in the window under way. The windows go by elapsed time: by the clock of the day, which the
 * library's own store goes by, one that is set back an hour would hold a window open for an hour.
 */
export class CallCounts implements FastifyRateLimitStore {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly elapsedMs: () => number) {}

  incr(caller: string, tell: Tell, windowMs: number): void {
    const now = this.elapsedMs();
    const before = this.windows.get(caller);
    const isOpen = before !== undefined && now - before.sinceMs < windowMs;
    const window = isOpen ? { ...before, count: before.count + 1 } : { count: 1, sinceMs: now };
    this.windows.delete(caller);
    this.windows.set(caller, window);
    const [oldest] = this.windows.size > MOST_CALLERS ? this.windows.keys() : [];
    if (oldest !== undefined) this.windows.delete(oldest);
    tell(null, { current: window.count, ttl: windowMs - (now - window.sinceMs) });
  }

  /** All routes count together. */
  child(): this {
    return this;
  }
}
