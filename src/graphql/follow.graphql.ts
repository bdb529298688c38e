import { Catch, UseFilters, type ExceptionFilter } from '@nestjs/common';
import { Args, Context, Float, Int, ObjectType, Resolver, Subscription } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import type { GraphQLError } from 'graphql';
import { Allow } from '#doors/allow.js';
import { InvalidRequest } from '#doors/dispatch.js';
import { logRecord, LogRecord } from '#doors/log.view.js';
import { ProgressFeed, type ProgressTold } from '#doors/progress-feed.js';
import { Shown } from '#doors/shown.js';
import { Stopping } from '#doors/stopping.js';
import { streamName } from '#ledger/ledger.js';
import { headOf, Log } from '#ledger/log.js';
import { runStream } from '#run/domain/run.js';
import { EventsArgs, FollowArgs } from './arguments.js';
import { Followings } from './following.js';
import { asGraphError } from './graph-problem.js';

/** How far long work on a run is; passing by, in no log. */
@ObjectType('Progress')
export class ProgressView implements ProgressTold {
  @Shown(() => String)
  readonly run!: string;
  @Shown(() => Int, { description: '0 while the base is trained' })
  readonly cycle!: number;
  @Shown(() => String)
  readonly what!: string;
  @Shown(() => Int, { nullable: true, description: 'optimiser steps done; null of other work than training' })
  readonly step!: number | null;
  @Shown(() => Int, { nullable: true, description: 'optimiser steps in all' })
  readonly steps!: number | null;
  @Shown(() => Float, { nullable: true, description: 'read so far' })
  readonly tokens!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly tokensPerSecond!: number | null;
}

/** Errors of what is subscribed to pass Mercurius as they are, so they are put into their form here. */
@Catch()
class InGraphForm implements ExceptionFilter {
  catch(error: unknown): GraphQLError {
    return asGraphError(error);
  }
}

type OverSocket = Readonly<{ request: FastifyRequest }>;

async function* recordsOf(
  log: Log,
  run: string | undefined,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<{ events: LogRecord }> {
  const stream = run === undefined ? undefined : streamName(runStream, run);
  try {
    const from = { after, signal, ...(stream !== undefined && { streamPrefix: stream }) };
    for await (const recorded of log.subscribe(from))
      if (stream === undefined || recorded.record.stream === stream) yield { events: logRecord(recorded) };
  } catch (error) {
    // What ended is not followed any more.
    if (!signal.aborted && (error as Error).name !== 'LogClosed') throw error;
  }
}

/** Of each run the latest word that was not told yet: a slow reader misses words, not memory. */
async function* progressOf(
  feed: ProgressFeed,
  run: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<{ progress: ProgressTold }> {
  const untold = new Map<string, ProgressTold>();
  let ring: () => void = () => undefined;
  const hear = (progress: ProgressTold): void => {
    if (run !== undefined && progress.run !== run) return;
    untold.set(progress.run, progress);
    ring();
  };
  const end = (): void => ring();
  for (const progress of feed.last()) hear(progress);
  const unlisten = feed.listen(hear);
  signal.addEventListener('abort', end);
  try {
    while (!signal.aborted) {
      for (const [name, progress] of untold) {
        untold.delete(name);
        yield { progress };
      }
      if (untold.size === 0 && !signal.aborted) await new Promise<void>((resolve) => (ring = resolve));
    }
  } finally {
    unlisten();
    signal.removeEventListener('abort', end);
  }
}

/** What comes, over a socket. */
@Resolver()
@Allow('viewer', 'operator', 'auditor')
@UseFilters(InGraphForm)
export class FollowGraph {
  private readonly followings: Followings;

  constructor(
    private readonly log: Log,
    private readonly feed: ProgressFeed,
    stopping: Stopping,
  ) {
    this.followings = new Followings(stopping.signal);
  }

  @Subscription(() => LogRecord, { description: 'records as they are written, of one run or of everything' })
  async events(
    @Args() { run, after }: EventsArgs,
    @Context() { request }: OverSocket,
  ): Promise<AsyncIterableIterator<unknown>> {
    const from = await this.start(after ?? undefined);
    return this.followings.begin(request.raw.socket, (signal) => recordsOf(this.log, run ?? undefined, from, signal));
  }

  @Subscription(() => ProgressView, { description: 'progress of what is under way; first the last word of each run' })
  progress(@Args() { run }: FollowArgs, @Context() { request }: OverSocket): AsyncIterableIterator<unknown> {
    return this.followings.begin(request.raw.socket, (signal) => progressOf(this.feed, run ?? undefined, signal));
  }

  private async start(after: number | undefined): Promise<number> {
    const head = await headOf(this.log);
    if (after === undefined) return head;
    const allowed = `a position of the log, 0 to ${head}`;
    if (after <= head) return after;
    throw new InvalidRequest(
      `after: ${after} is not allowed: ${allowed}`,
      { field: 'after', value: after, allowed },
      400,
    );
  }
}
