import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiTags, ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Log } from '#ledger/log.js';
import { Allow } from './allow.js';
import { AnswersList, answerList, BulkQuery } from './bulk.js';
import { logPage, recordAt } from './log-questions.js';
import { LogTree } from './log-tree.js';
import { LogHead, LogRecord, LogRecordPage } from './log.view.js';
import { asWhole } from './page.js';
import { Refuses } from './problems.js';

const DIRECTIONS = ['forward', 'backward'] as const;
const LONGEST_NAME = 200;

export class LogQuery extends BulkQuery {
  @ApiPropertyOptional({ description: 'position to begin at', type: 'integer', minimum: 1 })
  @IsOptional()
  @Transform(asWhole)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly from?: number;

  @ApiPropertyOptional({ enum: DIRECTIONS, default: 'forward' })
  @IsOptional()
  @IsIn(DIRECTIONS)
  readonly direction?: (typeof DIRECTIONS)[number];

  @ApiPropertyOptional({ description: 'only records of this stream', example: 'run-demo', maxLength: LONGEST_NAME })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(LONGEST_NAME)
  readonly stream?: string;

  @ApiPropertyOptional({ description: 'only events of this type', example: 'VerdictReached', maxLength: LONGEST_NAME })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(LONGEST_NAME)
  readonly type?: string;
}

export class PositionPath {
  @ApiProperty({ type: 'integer', minimum: 1 })
  @Transform(asWhole)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly position!: number;
}

@ApiTags('log')
@Controller('log')
@Allow('viewer')
export class LogApi {
  constructor(
    private readonly log: Log,
    private readonly tree: LogTree,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Records with their hashes and canonical bytes' })
  @AnswersList(LogRecordPage, 'one page of records, or all of them as lines')
  @Refuses(400)
  list(@Query() query: LogQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const { from, direction, stream, type, ...page } = query;
    const filter = {
      ...(from && { from }),
      ...(direction && { direction }),
      ...(stream && { stream }),
      ...(type && { type }),
    };
    return answerList(LogRecord, page, reply, (asked) => logPage(this.log, { ...filter, ...asked }));
  }

  @Get('head')
  @ApiOperation({ summary: 'Size of the log and the RFC 6962 root over it' })
  @ApiOkResponse({ type: LogHead })
  @Refuses()
  head(): Promise<LogHead> {
    return this.tree.head();
  }

  @Get(':position')
  @ApiOperation({ summary: 'The record at a position' })
  @ApiOkResponse({ type: LogRecord })
  @Refuses(400, 404)
  at(@Param() { position }: PositionPath): Promise<LogRecord> {
    return recordAt(this.log, position);
  }
}
