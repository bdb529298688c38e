import DataLoader from 'dataloader';

/** What decides on an answer; equal keys have equal text as JSON. */
type Key<K, A> = Readonly<{ of: K; asked: A }>;

const textOf = (key: Key<unknown, unknown>): string => JSON.stringify([key.of, key.asked]);

/**
 * Answers about many things of one request, asked for together: whatever is asked with the same arguments in one turn is
 * read by one call, and a question asked twice once.
 */
export class Batch<K, A, V> {
  private readonly loaders = new WeakMap<object, DataLoader<Key<K, A>, V, string>>();

  /** `read` answers each of `of` in its order, all with the same arguments. */
  constructor(private readonly read: (of: readonly K[], asked: A) => Promise<readonly (V | Error)[]>) {}

  /** `context`: that of the request. */
  answer(context: object, of: K, asked: A): Promise<V> {
    const known = this.loaders.get(context);
    const loader = known ?? new DataLoader((keys: readonly Key<K, A>[]) => this.all(keys), { cacheKeyFn: textOf });
    if (!known) this.loaders.set(context, loader);
    return loader.load({ of, asked });
  }

  private async all(keys: readonly Key<K, A>[]): Promise<readonly (V | Error)[]> {
    const groups = new Map<string, Key<K, A>[]>();
    for (const key of keys) {
      const name = JSON.stringify(key.asked);
      groups.set(name, [...(groups.get(name) ?? []), key]);
    }
    const found = new Map<Key<K, A>, V | Error>();
    const settle = async (group: readonly Key<K, A>[], { asked }: Key<K, A>): Promise<void> => {
      const answers = await this.read(
        group.map(({ of }) => of),
        asked,
      );
      answers.forEach((answer, at) => group[at] && found.set(group[at], answer));
    };
    await Promise.all([...groups.values()].map((group) => group[0] && settle(group, group[0])));
    // Null is an answer.
    return keys.map((key) => (found.has(key) ? (found.get(key) as V) : new RangeError(`no answer to ${textOf(key)}`)));
  }
}
