import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One value of a figure, told apart from its others by labels. */
export type Reading = Readonly<{ labels?: Readonly<Record<string, string>>; value: number }>;

/** A figure that is read when somebody asks. Its name ends in its unit: `ledger_follower_lag_records`. */
export type Figure = Readonly<{
  name: string;
  help: string;
  labels?: readonly string[];
  read: () => readonly Reading[] | Promise<readonly Reading[]>;
}>;

/** What `/metrics` shows. Whoever has a figure adds it. */
export class Figures {
  private readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  add({ name, help, labels = [], read }: Figure): void {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      async collect() {
        const readings = await read();
        this.reset();
        for (const reading of readings) this.set({ ...reading.labels }, reading.value);
      },
    });
  }

  /** Returns how to note one duration. */
  durations(name: string, help: string, bucketsSeconds: readonly number[]): (elapsedMs: number) => void {
    const histogram = new Histogram({ name, help, buckets: [...bucketsSeconds], registers: [this.registry] });
    return (elapsedMs) => histogram.observe(elapsedMs / 1000);
  }

  /** Prometheus text format, and its media type. */
  async shown(): Promise<Readonly<{ text: string; type: string }>> {
    return { text: await this.registry.metrics(), type: this.registry.contentType };
  }
}
