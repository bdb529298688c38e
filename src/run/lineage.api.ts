import { Controller, Get, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Allow } from '#doors/allow.js';
import { AsOfQuery } from '#doors/as-of-query.js';
import { AnswersList, answerList, BulkQuery } from '#doors/bulk.js';
import type { Page } from '#doors/page.js';
import { Refuses } from '#doors/problems.js';
import { CheckpointLineageView, CheckpointQuestions } from './checkpoint.view.js';
import { NAME } from './domain/config.js';
import { LineagePage, LineageQuestions, LineageView } from './lineage.view.js';

const SHA256 = /^[0-9a-f]{64}$/;

class RootPath {
  @ApiProperty({ description: 'the run that the lineage begins with', example: 'nightly', pattern: NAME.source })
  @Matches(NAME)
  readonly root!: string;
}

class CheckpointPath {
  @ApiProperty({ description: 'SHA-256 of the weights, 64 lower-case hex digits', pattern: SHA256.source })
  @Matches(SHA256)
  readonly sha!: string;
}

/** How much alpha is left to whom. */
@ApiTags('lineages')
@Controller('lineages')
@Allow('viewer', 'operator', 'auditor')
@Refuses(400, 404, 503)
export class LineageApi {
  constructor(private readonly lineages: LineageQuestions) {}

  @Get()
  @ApiOperation({ operationId: 'listLineages', summary: 'Lineages with their balance of alpha' })
  @AnswersList(LineagePage, 'the oldest first')
  list(
    @Query() query: BulkQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page<LineageView> | StreamableFile> {
    return answerList(LineageView, query, reply, (page) => this.lineages.list(page));
  }

  @Get(':root')
  @ApiOperation({ operationId: 'showLineage', summary: 'One lineage with its balance of alpha' })
  @ApiOkResponse({ type: LineageView })
  show(@Param() { root }: RootPath, @Query() { asOf }: AsOfQuery): Promise<LineageView> {
    return this.lineages.one(root, asOf);
  }
}

/** Where weights come from. */
@ApiTags('lineages')
@Controller('checkpoints')
@Allow('viewer', 'operator', 'auditor')
@Refuses(400, 404, 503)
export class CheckpointApi {
  constructor(private readonly checkpoints: CheckpointQuestions) {}

  @Get(':sha/lineage')
  @ApiOperation({
    operationId: 'checkpointLineage',
    summary: 'The parents of a checkpoint back to the root, with verdicts',
  })
  @ApiOkResponse({ type: CheckpointLineageView })
  lineage(@Param() { sha }: CheckpointPath, @Query() { asOf }: AsOfQuery): Promise<CheckpointLineageView> {
    return this.checkpoints.lineage(sha, asOf);
  }
}
