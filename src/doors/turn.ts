/**
 * One at a time: what decides by more than the stream it writes to (the keys that are known, the balance of a lineage)
 * finds everything as it was when it looked.
 */
export class Turn {
  private last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const taken = this.last.then(work);
    this.last = taken.catch(() => undefined);
    return taken;
  }
}
