import { Controller, Get, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow } from '#doors/allow.js';
import { AsOfQuery } from '#doors/as-of-query.js';
import { AnswersList, answerList, BulkQuery } from '#doors/bulk.js';
import type { Page } from '#doors/page.js';
import { Refuses } from '#doors/problems.js';
import { AllocationPage, AllocationQuestions, AllocationView } from './allocation.view.js';
import { CyclePage, CycleQuestions, CycleView } from './cycle.view.js';
import { DriftPage, DriftQuery, DriftQuestions, DriftView } from './drift.view.js';
import { LiveQuery, LiveQuestions, LiveView } from './live.view.js';
import { CyclePath, RunPath } from './run-paths.js';
import { RunListQuery, RunPage, RunQuestions, RunView } from './run.view.js';
import { TimelinePage, TimelineQuery, TimelineQuestions, TimelineView } from './timeline.view.js';
import { VerdictQuery, VerdictQuestions, VerdictView } from './verdict.view.js';

type Answer<T> = Promise<Page<T> | StreamableFile>;

/** Questions about runs; every answer can be had again with the `asOf` it names. */
@ApiTags('runs')
@Controller('runs')
@Allow('viewer', 'operator', 'auditor')
@Refuses(400, 404, 503)
export class RunApi {
  constructor(
    private readonly runs: RunQuestions,
    private readonly cycles: CycleQuestions,
    private readonly verdicts: VerdictQuestions,
    private readonly drift: DriftQuestions,
    private readonly allocation: AllocationQuestions,
    private readonly timeline: TimelineQuestions,
    private readonly live: LiveQuestions,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listRuns', summary: 'Runs with their state' })
  @AnswersList(RunPage, 'the newest first')
  list(@Query() query: RunListQuery, @Res({ passthrough: true }) reply: FastifyReply): Answer<RunView> {
    return answerList(RunView, query, reply, (page) => this.runs.list({ ...query, ...page }));
  }

  @Get(':run')
  @ApiOperation({ operationId: 'showRun', summary: 'One run with its state' })
  @ApiOkResponse({ type: RunView })
  show(@Param() { run }: RunPath, @Query() { asOf }: AsOfQuery): Promise<RunView> {
    return this.runs.one(run, asOf);
  }

  @Get(':run/cycles')
  @ApiOperation({ operationId: 'listCycles', summary: 'Every cycle: proposal, update, figures, verdict' })
  @AnswersList(CyclePage, 'by number, from the base (0) on')
  listCycles(
    @Param() { run }: RunPath,
    @Query() query: BulkQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Answer<CycleView> {
    return answerList(CycleView, query, reply, (page) => this.cycles.list(run, page));
  }

  @Get(':run/cycles/:cycle')
  @ApiOperation({ operationId: 'showCycle', summary: 'One cycle' })
  @ApiOkResponse({ type: CycleView })
  showCycle(@Param() { run, cycle }: CyclePath, @Query() { asOf }: AsOfQuery): Promise<CycleView> {
    return this.cycles.one(run, cycle, asOf);
  }

  @Get(':run/cycles/:cycle/verdict')
  @ApiOperation({ operationId: 'explainVerdict', summary: 'A verdict, rule by rule, judged again on the way' })
  @ApiOkResponse({ type: VerdictView })
  explain(@Param() { run, cycle }: CyclePath, @Query() query: VerdictQuery): Promise<VerdictView> {
    return this.verdicts.explain(run, cycle, query);
  }

  @Get(':run/drift')
  @ApiOperation({ operationId: 'driftSeries', summary: 'How far the candidates moved' })
  @AnswersList(DriftPage, 'in the order it was measured')
  driftSeries(
    @Param() { run }: RunPath,
    @Query() query: DriftQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Answer<DriftView> {
    return answerList(DriftView, query, reply, (page) => this.drift.series(run, { ...query, ...page }));
  }

  @Get(':run/allocation')
  @ApiOperation({ operationId: 'allocationSeries', summary: 'What was learnt from, by cycle and domain' })
  @AnswersList(AllocationPage, 'by cycle, then domain')
  allocationSeries(
    @Param() { run }: RunPath,
    @Query() query: BulkQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Answer<AllocationView> {
    return answerList(AllocationView, query, reply, (page) => this.allocation.series(run, page));
  }

  @Get(':run/events')
  @ApiOperation({ operationId: 'timeline', summary: 'Every event of a run, with a sentence each' })
  @AnswersList(TimelinePage, 'in log order, or backwards')
  events(
    @Param() { run }: RunPath,
    @Query() query: TimelineQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Answer<TimelineView> {
    return answerList(TimelineView, query, reply, (page) => this.timeline.events(run, { ...query, ...page }));
  }

  @Get(':run/live-at')
  @ApiOperation({ operationId: 'liveAt', summary: 'Which weights were live at a position or a time, and why' })
  @ApiOkResponse({ type: LiveView })
  liveAt(@Param() { run }: RunPath, @Query() query: LiveQuery): Promise<LiveView> {
    return this.live.at(run, query);
  }
}
