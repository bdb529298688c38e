import { Controller, Get, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Allow } from '#doors/allow.js';
import { AnswersList, answerList, BulkQuery } from '#doors/bulk.js';
import type { Page } from '#doors/page.js';
import { Refuses } from '#doors/problems.js';
import { NAME } from '#run/domain/config.js';
import { EnvelopeQuery, EnvelopeQuestions } from './envelope-questions.js';
import { EnvelopeView } from './envelope.view.js';
import { OptimismPage, OptimismView } from './optimism.view.js';
import { RetentionPage, RetentionView } from './retention.view.js';
import { SeriesQuestions } from './series-questions.js';

type Answer<T> = Promise<Page<T> | StreamableFile>;

class MeasuredRun {
  @ApiProperty({ description: 'name of the run', example: 'nightly', pattern: NAME.source })
  @Matches(NAME)
  readonly run!: string;
}

/** What a run, or an arm by several seeds, came to. */
@ApiTags('experiments')
@Controller('runs')
@Allow('viewer', 'operator', 'auditor')
@Refuses(400, 404, 503)
export class ExperimentApi {
  constructor(
    private readonly envelopes: EnvelopeQuestions,
    private readonly series: SeriesQuestions,
  ) {}

  @Get(':run/envelope')
  @ApiOperation({ operationId: 'convergenceEnvelope', summary: 'Did it help, where is the peak, how sure' })
  @ApiOkResponse({ type: EnvelopeView })
  envelope(@Param() { run }: MeasuredRun, @Query() query: EnvelopeQuery): Promise<EnvelopeView> {
    return this.envelopes.of(run, query);
  }

  @Get(':run/retention')
  @ApiOperation({ operationId: 'retention', summary: 'Skills lost since they were accepted, by cycle and family' })
  @AnswersList(RetentionPage, 'by cycle, then family')
  retention(
    @Param() { run }: MeasuredRun,
    @Query() query: BulkQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Answer<RetentionView> {
    return answerList(RetentionView, query, reply, (page) => this.series.retention(run, page));
  }

  @Get(':run/optimism-gap')
  @ApiOperation({
    operationId: 'optimismGap',
    summary: 'How much better candidates looked at the gate than on the report',
  })
  @AnswersList(OptimismPage, 'by cycle, then metric; empty before the look')
  optimism(
    @Param() { run }: MeasuredRun,
    @Query() query: BulkQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Answer<OptimismView> {
    return answerList(OptimismView, query, reply, (page) => this.series.optimism(run, page));
  }
}
