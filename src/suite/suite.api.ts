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
import { SuiteListQuery, SuitePage, SuiteQuestions, SuiteView } from './suite.view.js';

class SuitePath {
  @ApiProperty({ description: 'name of the suite', example: 'nightly-gate', pattern: NAME.source })
  @Matches(NAME)
  readonly suite!: string;
}

/** What is sealed, and how often it was used. */
@ApiTags('suites')
@Controller('suites')
@Allow('viewer', 'operator', 'auditor')
@Refuses(400, 404, 503)
export class SuiteApi {
  constructor(private readonly suites: SuiteQuestions) {}

  @Get()
  @ApiOperation({ operationId: 'listSuites', summary: 'Sealed suites with the balance of their reuse' })
  @AnswersList(SuitePage, 'in the order they were sealed')
  list(
    @Query() query: SuiteListQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page<SuiteView> | StreamableFile> {
    return answerList(SuiteView, query, reply, (page) => this.suites.list({ ...query, ...page }));
  }

  @Get(':suite')
  @ApiOperation({ operationId: 'showSuite', summary: 'One suite with the balance of its reuse' })
  @ApiOkResponse({ type: SuiteView })
  show(@Param() { suite }: SuitePath, @Query() { asOf }: AsOfQuery): Promise<SuiteView> {
    return this.suites.one(suite, asOf);
  }
}
