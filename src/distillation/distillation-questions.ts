import { Injectable } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { pageFrom, placeSchema, settleAsOf } from '#doors/as-of.js';
import { BulkQuery } from '#doors/bulk.js';
import type { Page } from '#doors/page.js';
import { NotFound } from '#doors/problem.js';
import { ReadingOn } from '#doors/reading-on.js';
import { Views } from '#doors/read-model.js';
import { decode, streamName } from '#ledger/ledger.js';
import { Log, type Recorded } from '#ledger/log.js';
import { NAME } from '#ledger/schema.js';
import { distillationStream, type Begun, type Distillation } from './domain/distillation.js';
import { documentOf } from './domain/document.js';
import type { DistillationEvent } from './domain/events.js';
import type { DistillationView } from './distillation.view.js';

type Placed = Readonly<{ position: number; event: DistillationEvent }>;
type Known = Readonly<{ position: number; begun: Begun }>;

export class DistillationsQuery extends BulkQuery {
  @ApiPropertyOptional({ description: 'only those of this registered experiment', pattern: NAME.source })
  @IsOptional()
  @Matches(NAME, { message: 'an experiment is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly experiment?: string;
}

const foldAsOf = (events: readonly Placed[], asOf: number): Known | undefined => {
  let state: Distillation = distillationStream.initial;
  for (const { position, event } of events) {
    if (position > asOf) break;
    state = distillationStream.evolve(state, event);
  }
  return state.status === 'absent' ? undefined : { position: events[0]?.position ?? 0, begun: state };
};

/** Distillations as of a position. Each has a handful of records, which are read once. */
@Injectable()
export class DistillationQuestions {
  private readonly streams = new Map<string, Placed[]>();
  private readonly reading: ReadingOn;

  constructor(
    log: Log,
    private readonly views: Views,
  ) {
    this.reading = new ReadingOn(log, { streamPrefix: `${distillationStream.name}-` }, (one) => this.take(one));
  }

  /** In the order of their beginnings. */
  list({ experiment, ...query }: DistillationsQuery): Promise<Page<DistillationView>> {
    return pageFrom<Known, number, DistillationView>(this.views, query, {
      kind: `distillations ${experiment ?? ''}`,
      key: placeSchema,
      rows: async (asOf, limit, after = 0) =>
        (await this.known(asOf))
          .filter(({ position, begun }) => position > after && (experiment ?? begun.experiment) === begun.experiment)
          .slice(0, limit),
      keyOf: ({ position }) => position,
      show: ({ begun }) => documentOf(begun),
    });
  }

  /** The position that everything asked for as of it is answered as of. */
  settled(asked?: number): Promise<number> {
    return settleAsOf(this.views, asked);
  }

  /** @throws NotFound */
  async one(distillation: string, asked?: number): Promise<DistillationView> {
    const asOf = await this.settled(asked);
    await this.reading.upToNow();
    const found = foldAsOf(this.streams.get(streamName(distillationStream, distillation)) ?? [], asOf);
    if (found) return documentOf(found.begun);
    const names = (await this.known(asOf)).map(({ begun }) => begun.config.distillation);
    const there = names.length > 0 ? `there are: ${names.join(', ')}` : 'there is none';
    throw new NotFound(`distillation ${distillation}: it has not begun as of position ${asOf}; ${there}`);
  }

  private async known(asOf: number): Promise<readonly Known[]> {
    await this.reading.upToNow();
    return [...this.streams.values()].flatMap((events) => foldAsOf(events, asOf) ?? []);
  }

  private take({ position, record }: Recorded): void {
    const events = this.streams.get(record.stream) ?? [];
    events.push({ position, event: decode(distillationStream.events, record) });
    this.streams.set(record.stream, events);
  }
}
