import { Controller, Get, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Allow } from '#doors/allow.js';
import { AsOfQuery } from '#doors/as-of-query.js';
import { AnswersList, answerList, BulkQuery } from '#doors/bulk.js';
import { ExperimentPath } from '#doors/experiment-path.js';
import type { Page } from '#doors/page.js';
import { Refuses } from '#doors/problems.js';
import { ExperimentQuestions } from './experiment-questions.js';
import { ExperimentPage, ExperimentView } from './experiment.view.js';
import { ReportParts, reportParts } from './report.view.js';

const FORMATS = ['html', 'markdown', 'json'] as const;

class ReportQuery extends AsOfQuery {
  @ApiPropertyOptional({
    enum: FORMATS,
    default: 'html',
    description: 'html: one file that needs no other; markdown: without its pictures; json: its parts',
  })
  @IsOptional()
  @IsIn(FORMATS)
  readonly format?: (typeof FORMATS)[number];
}

/** A report runs nothing and asks nobody, whoever wrote the words in it. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Registered experiments, what their hypotheses came to, and their reports. */
@ApiTags('experiments')
@Controller('experiments')
@Allow('viewer', 'operator', 'auditor')
@Refuses(400, 404, 503)
export class ReportApi {
  constructor(private readonly experiments: ExperimentQuestions) {}

  @Get()
  @ApiOperation({
    operationId: 'listExperiments',
    summary: 'Registered experiments with the outcome of every hypothesis',
  })
  @AnswersList(ExperimentPage, 'in the order of their registration')
  list(
    @Query() query: BulkQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page<ExperimentView> | StreamableFile> {
    return answerList(ExperimentView, query, reply, (page) => this.experiments.list(page));
  }

  @Get(':experiment')
  @ApiOperation({ operationId: 'showExperiment', summary: 'One experiment with the outcome of every hypothesis' })
  @ApiOkResponse({ type: ExperimentView })
  show(@Param() { experiment }: ExperimentPath, @Query() { asOf }: AsOfQuery): Promise<ExperimentView> {
    return this.experiments.one(experiment, asOf);
  }

  @Get(':experiment/report')
  @ApiOperation({
    operationId: 'experimentReport',
    summary: 'Everything that the log says of an experiment; the same records give the same bytes',
  })
  @ApiOkResponse({
    content: {
      'text/html': { schema: { type: 'string' } },
      'text/markdown': { schema: { type: 'string' } },
      'application/json': { schema: { $ref: getSchemaPath(ReportParts) } },
    },
  })
  async report(
    @Param() { experiment }: ExperimentPath,
    @Query() { asOf, format = 'html' }: ReportQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReportParts | StreamableFile> {
    const made = await this.experiments.report(experiment, asOf);
    if (format === 'json') return reportParts(made);
    const bytes = Buffer.from(made.files[format], 'utf8');
    void reply.header('content-security-policy', POLICY);
    return new StreamableFile(bytes, { type: `text/${format}; charset=utf-8`, length: bytes.length });
  }
}
