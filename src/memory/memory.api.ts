import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { Allow } from '#doors/allow.js';
import { AsOfQuery } from '#doors/as-of-query.js';
import { Refuses } from '#doors/problems.js';
import { NAME } from '#run/domain/config.js';
import { MemoryQuestions } from './memory-questions.js';
import { MemoryView } from './memory.view.js';

class RememberingRun {
  @ApiProperty({ description: 'name of the run', example: 'nightly', pattern: NAME.source })
  @Matches(NAME)
  readonly run!: string;
}

/** What a run remembers of its own past. */
@ApiTags('runs')
@Controller('runs')
@Allow('viewer', 'operator', 'auditor')
@Refuses(400, 404, 503)
export class MemoryApi {
  constructor(private readonly memories: MemoryQuestions) {}

  @Get(':run/memory')
  @ApiOperation({
    operationId: 'memorySkill',
    summary: 'What the run remembers, and how well it foresaw what came of its proposals',
  })
  @ApiOkResponse({ type: MemoryView })
  memory(@Param() { run }: RememberingRun, @Query() { asOf }: AsOfQuery): Promise<MemoryView> {
    return this.memories.of(run, asOf);
  }
}
