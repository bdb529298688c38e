import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { constitutionStream } from '#constitution/domain/constitution.js';
import { Allow } from '#doors/allow.js';
import { logRecord, LogRecord } from '#doors/log.view.js';
import { HttpProblem, NotFound } from '#doors/problem.js';
import { Refuses } from '#doors/problems.js';
import { SealedArtifacts } from '#doors/sealed-artifacts.js';
import { fold, streamName } from '#ledger/ledger.js';
import type { Recorded } from '#ledger/log.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { candidateIn, type Cycle } from '#run/domain/cycle.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import { CyclePath } from '#run/run-paths.js';

export class ItemResultsShown {
  @ApiProperty({ description: 'SHA-256 of the text, by which a ProbesRecorded or CalibrationMeasured names it' })
  readonly artifact!: string;
  @ApiProperty({ description: 'result of every item or document, as RFC 8785 JSON' })
  readonly text!: string;
}

export class CandidateShown {
  @ApiProperty({ description: 'SHA-256 of the names and shapes of its tensors' })
  readonly architecture!: string;
  @ApiProperty({ description: 'whether every weight is a finite number' })
  readonly finite!: boolean;
}

/** Everything that judging a cycle again needs. Only `candidate` follows from bytes that are not in it: the weights. */
export class EvidenceBundle {
  @ApiProperty()
  readonly run!: string;
  @ApiProperty({ type: 'integer' })
  readonly cycle!: number;
  @ApiProperty({ type: [LogRecord], description: 'of the constitution, then those of the run that the judge reads' })
  readonly records!: readonly LogRecord[];
  @ApiProperty({ type: [ItemResultsShown] })
  readonly results!: readonly ItemResultsShown[];
  @ApiProperty({ type: CandidateShown })
  readonly candidate!: CandidateShown;
}

/** Read whatever the cycle: how the run began, and what was judged before. */
const OF_THE_RUN = ['RunStarted', 'AnchorEstablished', 'VerdictReached'];

const isRead = ({ record }: Recorded, cycle: number): boolean =>
  OF_THE_RUN.includes(record.type) || record.data['cycle'] === cycle;

/** The evidence of a verdict, to be judged by somebody who trusts nobody. */
@ApiTags('runs')
@Controller('runs')
@Allow('auditor')
@Refuses(404, 409)
export class EvidenceApi {
  constructor(
    private readonly ports: LoopPorts,
    private readonly sealed: SealedArtifacts,
  ) {}

  @Get(':run/cycles/:cycle/evidence')
  @ApiOperation({ operationId: 'evidence', summary: 'All that judging a cycle again needs, once the run is completed' })
  @ApiOkResponse({ type: EvidenceBundle })
  async evidence(@Param() { run, cycle }: CyclePath): Promise<EvidenceBundle> {
    const state = await this.judged(run, cycle);
    const found = cycleOf(state, cycle);
    const judged = [...found.probes.filter(({ role }) => role !== 'scout'), ...found.calibration];
    const artifacts = [...new Set(judged.map(({ results }) => results))];
    for (const artifact of artifacts) await this.requireOpen(run, artifact);
    return {
      run,
      cycle,
      records: await this.records(state, cycle),
      results: await Promise.all(artifacts.map((artifact) => this.results(artifact))),
      candidate: await this.candidate(found),
    };
  }

  private async judged(run: string, cycle: number): Promise<Started> {
    const { state } = await fold(this.ports.ledger.log, runStream, run);
    if (state.status === 'absent')
      throw new NotFound(`run ${run}: there is none in the log; GET /v1/runs shows those there are`);
    if (!cycleOf(state, cycle).verdict)
      throw new NotFound(
        `cycle ${cycle}: run ${run} has no verdict on it; GET /v1/runs/${run}/cycles/${cycle} says why`,
      );
    return state;
  }

  private async requireOpen(run: string, artifact: string): Promise<void> {
    const sealing = await this.sealed.sealing(artifact);
    if (!sealing || sealing.openRuns.length === 0) return;
    const open = sealing.openRuns.join(', ');
    throw new HttpProblem(
      403,
      'sealed',
      'This is under seal',
      `run ${run}: what its candidates were judged by is given away only once every run that uses it is completed (still under way: ${open})`,
    );
  }

  private async records({ config }: Started, cycle: number): Promise<readonly LogRecord[]> {
    const { log } = this.ports.ledger;
    const found: LogRecord[] = [];
    for await (const recorded of log.readStream(streamName(constitutionStream, config.constitution.id)))
      found.push(logRecord(recorded));
    for await (const recorded of log.readStream(streamName(runStream, config.run)))
      if (isRead(recorded, cycle)) found.push(logRecord(recorded));
    return found;
  }

  private async results(artifact: string): Promise<ItemResultsShown> {
    const bytes = await this.ports.artifacts.get(artifact);
    return { artifact, text: Buffer.from(bytes).toString('utf8') };
  }

  private async candidate(cycle: Cycle): Promise<CandidateShown> {
    const { architecture, finite } = this.ports.weights.describe(
      await this.ports.artifacts.get(candidateIn(cycle) ?? ''),
    );
    return { architecture, finite };
  }
}
