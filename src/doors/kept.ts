type Entry<T> = Readonly<{ answer: Promise<T> }> & { weight: number };

/** The last answers to questions whose answer never changes: asked again, or at the same time, they are worked out once. */
export class Kept<T> {
  private readonly entries = new Map<string, Entry<T>>();
  private weight = 0;

  /** `most`: how much all answers may weigh together; without `weigh` each weighs 1. */
  constructor(
    private readonly most: number,
    private readonly weigh: (answer: T) => number = () => 1,
  ) {}

  /** A question that failed is asked anew the next time. */
  async of(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.entries.get(key);
    if (known) {
      // What was asked for last is dropped last.
      this.entries.delete(key);
      this.entries.set(key, known);
      return known.answer;
    }
    const entry = { answer: ask(), weight: 0 };
    this.entries.set(key, entry);
    try {
      const answer = await entry.answer;
      this.add(key, entry, this.weigh(answer));
      return answer;
    } catch (error) {
      this.entries.delete(key);
      throw error;
    }
  }

  /** What is still being worked out weighs nothing yet and is not dropped; what is too heavy for all drives nothing out. */
  private add(own: string, entry: Entry<T>, weight: number): void {
    if (weight > this.most) return void this.entries.delete(own);
    entry.weight = weight;
    this.weight += weight;
    for (const [key, { weight: freed }] of this.entries) {
      if (this.weight <= this.most) return;
      if (freed === 0) continue;
      this.entries.delete(key);
      this.weight -= freed;
    }
  }
}
