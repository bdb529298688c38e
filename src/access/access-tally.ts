import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { auditStream } from '#audit/domain/audit.js';
import type { Denial } from '#audit/domain/access-events.js';
import { recordAccess, type Minute } from '#audit/domain/tokens.js';
import { doorkeeper } from '#doors/actors.js';
import { decide, type Ledger } from '#ledger/ledger.js';

const MINUTE_MS = 60_000;
const MINUTE_LETTERS = 'YYYY-MM-DDTHH:MM'.length;

type Counting = Minute & { denials: Map<Denial, number>; calls: Map<string, number> };

const count = <K>(counts: Map<K, number>, key: K, times = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + times);
};

/**
 * Counts who was turned away and who made privileged calls, and records it once a minute: at most two events to an
 * identity, so that nobody can grow the log by knocking. Whoever shows no valid token counts as one identity.
 */
export class AccessTally implements OnApplicationBootstrap, OnModuleDestroy {
  private counting = new Map<string, Counting>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly ledger: Ledger) {}

  denied(identity: string, reason: Denial): void {
    count(this.of(identity).denials, reason);
  }

  called(identity: string, call: string): void {
    count(this.of(identity).calls, call);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), MINUTE_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Records what was counted. A log that cannot be written now gets it a minute later. */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    const counted = [...this.counting.values()];
    if (counted.length === 0) return;
    this.counting = new Map();
    try {
      await decide(this.ledger, auditStream, '', recordAccess(counted), { actor: doorkeeper });
    } catch {
      for (const minute of counted) this.putBack(minute);
    }
  }

  private putBack({ identity, denials, calls }: Minute): void {
    const now = this.of(identity);
    for (const [reason, times] of denials) count(now.denials, reason, times);
    for (const [call, times] of calls) count(now.calls, call, times);
  }

  private of(identity: string): Counting {
    const known = this.counting.get(identity);
    if (known) return known;
    const minute = `${this.ledger.clock.now().slice(0, MINUTE_LETTERS)}:00.000Z`;
    const fresh: Counting = { identity, minute, denials: new Map(), calls: new Map() };
    this.counting.set(identity, fresh);
    return fresh;
  }
}
