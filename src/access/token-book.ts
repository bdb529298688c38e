import { auditStream } from '#audit/domain/audit.js';
import { TokenIssued, TokenRevoked } from '#audit/domain/access-events.js';
import { evolveTokens, type Token, type Tokens } from '#audit/domain/tokens.js';
import { sha256 } from '#ledger/digest.js';
import { decode } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';

const EVENTS = [TokenIssued, TokenRevoked] as const;

/** The tokens of a log, as it has them at the moment of asking: what was revoked a moment ago opens nothing. */
export class TokenBook {
  private state: Tokens = { tokens: [] };
  private latest = '';
  private next = 0;
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly log: Log) {}

  async all(): Promise<readonly Token[]> {
    await this.catchUp();
    return this.state.tokens;
  }

  /** The latest time that the audit stream knows of, as far as it was read; a refusal is in it within a minute. */
  get latestTime(): string {
    return this.latest;
  }

  async bySecret(secret: string): Promise<Token | undefined> {
    const hash = sha256(secret);
    return (await this.all()).find(({ secretHash }) => secretHash === hash);
  }

  /** One reading at a time, each from where the last one ended. */
  private catchUp(): Promise<void> {
    const read = this.turn.then(() => this.readOn());
    this.turn = read.catch(() => undefined);
    return read;
  }

  private async readOn(): Promise<void> {
    for await (const { record } of this.log.readStream(auditStream.name, { from: this.next })) {
      if (EVENTS.some(({ type }) => type === record.type))
        this.state = evolveTokens(this.state, decode(EVENTS, record));
      if (record.recordedAt > this.latest) this.latest = record.recordedAt;
      this.next = record.revision + 1;
    }
  }
}
