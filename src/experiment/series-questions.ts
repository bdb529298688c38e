import { Injectable } from '@nestjs/common';
import { pageFrom, placeSchema } from '#doors/as-of.js';
import type { BulkQuery } from '#doors/bulk.js';
import type { Page } from '#doors/page.js';
import { Views } from '#doors/read-model.js';
import type { Fact } from './domain/fact.js';
import { optimismOf } from './domain/optimism.js';
import { isReported, resultsNeeded, type Source } from './domain/readings.js';
import { retentionOf } from './domain/retention.js';
import type { OptimismView } from './optimism.view.js';
import type { RetentionView } from './retention.view.js';
import { RunFacts, type Scored } from './run-facts.js';

type Placed<T> = Readonly<{ at: number; row: T }>;

const unique = (...lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())];

/** Lists that follow from all facts of a run: what was retained, and how much the gate flattered. */
@Injectable()
export class SeriesQuestions {
  constructor(
    private readonly facts: RunFacts,
    private readonly views: Views,
  ) {}

  /** @throws NotFound */
  retention(run: string, query: BulkQuery): Promise<Page<RetentionView>> {
    return this.page('retention', run, query, async (facts) => {
      const source: Source = isReported(facts) ? 'report' : 'gate';
      const scored = await this.scored(resultsNeeded(facts, source));
      return retentionOf(facts, source, (hash) => scored(hash)?.tasks);
    });
  }

  /** @throws NotFound */
  optimism(run: string, query: BulkQuery): Promise<Page<OptimismView>> {
    return this.page('optimism', run, query, async (facts) => {
      if (!isReported(facts)) return [];
      const scored = await this.scored(unique(resultsNeeded(facts, 'report'), resultsNeeded(facts, 'gate')));
      return optimismOf(facts, scored);
    });
  }

  private async scored(results: readonly string[]): Promise<(hash: string) => Scored | undefined> {
    const scored = await this.facts.scored(results);
    return (hash) => scored.get(hash);
  }

  private page<T>(
    name: string,
    run: string,
    query: BulkQuery,
    list: (facts: readonly Fact[]) => Promise<readonly T[]>,
  ): Promise<Page<T>> {
    return pageFrom<Placed<T>, number, T>(this.views, query, {
      kind: `${name} ${run}`,
      key: placeSchema,
      rows: async (asOf, limit, after = -1) => {
        const all = await list(await this.facts.of(run, asOf));
        return all.slice(after + 1, after + 1 + limit).map((row, at) => ({ at: after + 1 + at, row }));
      },
      keyOf: ({ at }) => at,
      show: ({ row }) => row,
    });
  }
}
