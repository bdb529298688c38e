import type { Receipt } from '#ledger/log.js';
import { MemoryLog } from '#store/memory-log.js';

/** The process is gone; whatever it had not written is too. */
export class CutOff extends Error {}

type Asked = Parameters<MemoryLog['append']>;

/** Lets a life write so many times, then cuts it off: right before a write (the effect is done, its event is not) or right after. */
export class CuttingLog extends MemoryLog {
  left = Infinity;
  before = false;
  cuts = new Set<string>();

  override async append(...asked: Asked): Promise<Receipt> {
    const [, , [first]] = asked;
    if (this.left-- > 0) return super.append(...asked);
    this.cuts.add(`${this.before ? 'before' : 'after'} ${first?.type}`);
    if (!this.before) await super.append(...asked);
    throw new CutOff();
  }
}

/** Cuts off before and after each write to a run that begins with one of these events, every time it comes. */
export class CuttingAt extends MemoryLog {
  readonly cuts: string[] = [];
  private readonly again = new Set<string>();

  constructor(private readonly types: readonly string[]) {
    super();
  }

  override async append(...asked: Asked): Promise<Receipt> {
    const [stream, expected, [first]] = asked;
    const type = first?.type ?? '';
    if (!stream.startsWith('run-') || !this.types.includes(type)) return super.append(...asked);
    const write = `${type} at ${String(expected)}`;
    if (!this.again.has(write)) {
      this.again.add(write);
      this.cuts.push(`before ${type}`);
      throw new CutOff();
    }
    await super.append(...asked);
    this.cuts.push(`after ${type}`);
    throw new CutOff();
  }
}
