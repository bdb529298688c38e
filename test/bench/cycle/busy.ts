type Interval = Readonly<{ from: number; to: number }>;
type Asked = (...words: readonly unknown[]) => Promise<unknown>;

/** When something was at work, by the clock that records are stamped with; what ran at the same time counts once. */
export class Busy {
  private readonly intervals: Interval[] = [];

  /** Notes every call of the methods, here and in the other. */
  watch(target: object, methods: readonly string[], other: Busy): void {
    const own = target as { [method: string]: Asked };
    for (const method of methods) {
      const asked = own[method]?.bind(target) as Asked;
      own[method] = async (...words) => {
        const from = Date.now();
        try {
          return await asked(...words);
        } finally {
          const interval = { from, to: Date.now() };
          for (const busy of [this, other]) busy.intervals.push(interval);
        }
      };
    }
  }

  /** Milliseconds of the stretch in which it was at work. */
  within(from: number, to: number): number {
    let [sum, reached] = [0, from];
    for (const one of [...this.intervals].sort((a, b) => a.from - b.from)) {
      const [begin, end] = [Math.max(one.from, reached), Math.min(one.to, to)];
      if (end <= begin) continue;
      sum += end - begin;
      reached = end;
    }
    return sum;
  }
}
