import { Controller, Get, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Allow } from '#doors/allow.js';
import { AsOfQuery } from '#doors/as-of-query.js';
import { AnswersList, answerList } from '#doors/bulk.js';
import type { Page } from '#doors/page.js';
import { Refuses } from '#doors/problems.js';
import { NAME } from '#ledger/schema.js';
import { DistillationQuestions, DistillationsQuery } from './distillation-questions.js';
import { DistillationPage, DistillationView } from './distillation.view.js';

class DistillationPath {
  @ApiProperty({ description: 'name of the distillation', pattern: NAME.source, example: 'quick' })
  @Matches(NAME, { message: 'a distillation is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly distillation!: string;
}

/** Teachers and their students: what was taught, and what of it can be seen. */
@ApiTags('distillations')
@Controller('distillations')
@Allow('viewer', 'operator', 'auditor')
@Refuses(400, 404, 503)
export class DistillationApi {
  constructor(private readonly distillations: DistillationQuestions) {}

  @Get()
  @ApiOperation({
    operationId: 'listDistillations',
    summary: 'Distillations, exploratory or of an experiment, with what became of every arm',
  })
  @AnswersList(DistillationPage, 'in the order of their beginnings')
  list(
    @Query() query: DistillationsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page<DistillationView> | StreamableFile> {
    return answerList(DistillationView, query, reply, (page) => this.distillations.list({ ...query, ...page }));
  }

  @Get(':distillation')
  @ApiOperation({
    operationId: 'showDistillation',
    summary: 'One distillation: teacher, and of every arm transfer and alignment apart',
  })
  @ApiOkResponse({ type: DistillationView })
  show(@Param() { distillation }: DistillationPath, @Query() { asOf }: AsOfQuery): Promise<DistillationView> {
    return this.distillations.one(distillation, asOf);
  }
}
