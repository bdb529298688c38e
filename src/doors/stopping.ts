import { setMaxListeners } from 'node:events';

/** Says that the service is about to stop, so that what waits for long lets go. */
export class Stopping {
  private readonly controller = new AbortController();

  constructor() {
    setMaxListeners(0, this.controller.signal);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  begin(): void {
    this.controller.abort();
  }
}
