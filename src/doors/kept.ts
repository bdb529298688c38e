/** The last answers to questions whose answer never changes: asked again, or at the same time, they are worked out once. */
export class Kept<T> {
  private readonly answers = new Map<string, Promise<T>>();

  constructor(private readonly most: number) {}

  /** A question that failed is asked anew the next time. */
  async of(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.answers.get(key);
    const answer = known ?? ask();
    // What was asked for last is dropped last.
    this.answers.delete(key);
    this.answers.set(key, answer);
    const [oldest] = this.answers.size > this.most ? this.answers.keys() : [];
    if (oldest !== undefined) this.answers.delete(oldest);
    try {
      return await answer;
    } catch (error) {
      if (this.answers.get(key) === answer) this.answers.delete(key);
      throw error;
    }
  }
}
