import { headOf, type Log } from '#ledger/log.js';
import type { GroupBook, SavedGroup } from './domain/groups.js';
import { Group } from './group.js';
import { EVERYTHING, type GroupName } from './group-options.js';
import { Refusal } from './refusal.js';

const keyOf = ({ stream, group }: GroupName): string => JSON.stringify([stream, group]);

/** All groups of consumers, and their book, which is written after what changed. */
export class Groups {
  private readonly groups = new Map<string, Group>();
  private writing: Promise<void> | undefined;
  private isStale = false;

  private constructor(
    private readonly log: Log,
    private readonly book: GroupBook,
  ) {}

  static async open(log: Log, book: GroupBook): Promise<Groups> {
    const groups = new Groups(log, book);
    for (const saved of await book.load()) groups.add(saved);
    return groups;
  }

  /** @throws Refusal */
  get(name: GroupName): Group {
    const found = this.groups.get(keyOf(name));
    if (!found) throw Refusal.ofGroup('persistent-subscription-does-not-exist', name.stream, name.group);
    return found;
  }

  /** Resolves when it is kept. @throws Refusal */
  async create(asked: Omit<SavedGroup, 'checkpoint' | 'parked'>): Promise<void> {
    const head = await headOf(this.log);
    if (this.groups.has(keyOf(asked)))
      throw Refusal.ofGroup('persistent-subscription-exists', asked.stream, asked.group);
    const { stream, startFrom } = asked;
    const inAll = stream === EVERYTHING && typeof startFrom === 'number';
    const checkpoint = startFrom === 'end' ? head : inAll ? Math.max(0, startFrom - 1) : 0;
    this.add({ ...asked, checkpoint, parked: [] });
    await this.write();
  }

  /** Resolves when it is forgotten. @throws Refusal */
  async delete(name: GroupName): Promise<void> {
    const group = this.get(name);
    this.groups.delete(keyOf(name));
    group.close(Refusal.ofGroup('persistent-subscription-dropped', name.stream, name.group));
    await this.write();
  }

  async close(): Promise<void> {
    for (const group of this.groups.values()) group.close();
    await this.write();
  }

  private add(saved: SavedGroup): void {
    this.groups.set(keyOf(saved), new Group(this.log, saved, () => void this.write().catch(() => undefined)));
  }

  /** One writing after another; what changes while one is under way is in the next. */
  private write(): Promise<void> {
    this.isStale = true;
    this.writing ??= this.writeOn().finally(() => (this.writing = undefined));
    return this.writing;
  }

  private async writeOn(): Promise<void> {
    while (this.isStale) {
      this.isStale = false;
      await this.book.save([...this.groups.values()].map(({ state }) => state));
    }
  }
}
