import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { headOf, Log } from '#ledger/log.js';
import { NAME } from '#run/domain/config.js';
import { Allow } from './allow.js';
import { InvalidRequest } from './dispatch.js';
import { eventStream } from './event-stream.js';
import { asWhole } from './page.js';
import { HttpProblem } from './problem.js';
import { Refuses } from './problems.js';
import { ProgressFeed } from './progress-feed.js';
import { Stopping } from './stopping.js';

/** Readers at once; each holds a socket and one message. */
const MOST_READERS = 500;

export class EventsQuery {
  @ApiPropertyOptional({
    description: 'begin after this position; 0: from the first record. Default: only what comes',
    type: 'integer',
    minimum: 0,
  })
  @IsOptional()
  @Transform(asWhole)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly after?: number;

  @ApiPropertyOptional({ description: 'only of this run', pattern: NAME.source })
  @IsOptional()
  @Matches(NAME)
  readonly run?: string;
}

const LAST_EVENT = 'last-event-id';

@ApiTags('events')
@Controller('events')
export class EventsApi {
  private readers = 0;

  constructor(
    private readonly log: Log,
    private readonly feed: ProgressFeed,
    private readonly stopping: Stopping,
  ) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'Server-Sent Events: records as they are written, and progress of what is under way' })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'position of the last record received' })
  @ApiOkResponse({ content: { 'text/event-stream': { schema: { type: 'string' } } } })
  @Refuses(400, 503)
  async follow(
    @Query() { after, run }: EventsQuery,
    @Headers(LAST_EVENT) last: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const from = await this.start(last, after);
    if (this.readers >= MOST_READERS)
      throw new HttpProblem(
        503,
        'too-many-readers',
        'Too many readers',
        `${MOST_READERS} follow already; ask again later`,
        {
          'retry-after': '10',
        },
      );
    const gone = new AbortController();
    this.readers += 1;
    request.raw.socket.once('close', () => gone.abort());
    reply.raw.once('close', () => {
      this.readers -= 1;
      gone.abort();
    });
    const signal = AbortSignal.any([gone.signal, this.stopping.signal]);
    const messages = eventStream(this.log, this.feed, { after: from, run, signal });
    void reply
      .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
      .type('text/event-stream; charset=utf-8');
    // One message at a time: what the reader does not take stays in the log.
    void reply.send(Readable.from(messages, { objectMode: false, highWaterMark: 16 * 1024 }));
  }

  private async start(last: string | undefined, after: number | undefined): Promise<number> {
    const head = await headOf(this.log);
    const [field, value] = last === undefined ? ['after', after] : ['Last-Event-ID', asWhole({ value: last })];
    if (value === undefined) return head;
    const allowed = `a position of the log, 0 to ${head}`;
    if (typeof value !== 'number' || value < 0 || value > head)
      throw new InvalidRequest(
        `${field}: ${JSON.stringify(last ?? value)} is not allowed: ${allowed}`,
        { field: String(field), value: last ?? value, allowed },
        400,
      );
    return value;
  }
}
