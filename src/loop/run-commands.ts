import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Float, InputType, Int, ObjectType } from '@nestjs/graphql';
import { Matches } from 'class-validator';
import { sightSentence } from '#constitution/domain/power.js';
import { dispatch } from '#doors/dispatch.js';
import type { Origin } from '#doors/origin.js';
import { NotFound } from '#doors/problem.js';
import { Reason } from '#doors/reason.js';
import { Shown } from '#doors/shown.js';
import type { SignedReason } from '#doors/signed.js';
import { fold } from '#ledger/ledger.js';
import { Log } from '#ledger/log.js';
import { HaltRun } from '#run/halt-run.js';
import { ResumeRun } from '#run/resume-run.js';
import { runStream } from '#run/domain/run.js';
import { DrillRun } from './drill-run.js';
import { ResetAnchor } from './reset-anchor.js';
import { RollBackRun } from './roll-back-run.js';
import { StartRun } from './start-run.js';

const CHECKPOINT = /^[0-9a-f]{64}$/;

@InputType()
export class RollbackRequest extends Reason {
  @Shown(() => String, { pattern: CHECKPOINT.source, description: 'an accepted checkpoint of this run' })
  @Matches(CHECKPOINT, { message: 'a checkpoint is named by 64 lower-case hex digits' })
  readonly to!: string;
}

/** A run after a command. */
@ObjectType()
export class RunCommanded {
  @Shown(() => String)
  readonly run!: string;
  @Shown(() => String, { description: 'running, halted or completed' })
  readonly status!: string;
  @Shown(() => String, {
    description: 'SHA-256 of the weights that are live; null before the base is trained',
    nullable: true,
  })
  readonly champion!: string | null;
  @Shown(() => Int, { description: 'revision of its last event' })
  readonly revision!: number;
}

@ObjectType()
export class RunBegun extends RunCommanded {
  @Shown(() => String, { description: 'which gain and which loss the gate can tell apart' })
  readonly sight!: string;
}

@ObjectType()
export class RolledBack extends RunCommanded {
  @Shown(() => Boolean, { description: 'whether the checkpoint probes as it did when it was accepted' })
  readonly verified!: boolean;
}

/** What a reset leaves behind, and the weights that a new lineage goes back to. */
@ObjectType()
export class AnchorWasReset extends RunCommanded {
  @Shown(() => String, { description: 'SHA-256 of the weights that a run beginning from here has for its root anchor' })
  readonly anchor!: string;
  @Shown(() => String, { description: 'root of the lineage that is left' })
  readonly root!: string;
  @Shown(() => Int, { description: 'candidates judged on the lineage that is left' })
  readonly judged!: number;
  @Shown(() => Float, { description: 'alpha spent on the lineage that is left' })
  readonly alphaSpent!: number;
  @Shown(() => String, { isArray: true, description: 'whose signatures it has' })
  readonly signers!: readonly string[];
}

@ObjectType()
export class Drilled extends RunCommanded {
  @Shown(() => String, { description: 'the accepted checkpoint that it went back to, and forward from again' })
  readonly ancestor!: string;
  @Shown(() => Boolean, { description: 'whether both probe as they did when they were accepted' })
  readonly equal!: boolean;
}

/** The commands on runs, and the run after each, for every door. */
@Injectable()
export class RunCommands {
  constructor(
    private readonly bus: CommandBus,
    private readonly log: Log,
  ) {}

  /** `file`: a run file as JSON. @throws InvalidRequest, Refused */
  async start(file: unknown, origin: Origin): Promise<RunBegun> {
    const { data, sight } = await dispatch(this.bus, new StartRun(file, origin));
    return { ...(await this.now(data.config.run)), sight: sightSentence(sight) };
  }

  /** @throws NotFound, Refused */
  async halt(run: string, reason: string, origin: Origin): Promise<RunCommanded> {
    await this.now(run);
    await dispatch(this.bus, new HaltRun(run, reason, origin));
    return this.now(run);
  }

  /** @throws NotFound, Refused */
  async resume(run: string, reason: string, origin: Origin): Promise<RunCommanded> {
    await this.now(run);
    await dispatch(this.bus, new ResumeRun(run, reason, origin));
    return this.now(run);
  }

  /** @throws NotFound, Refused */
  async rollBack(run: string, { to, reason }: RollbackRequest, origin: Origin): Promise<RolledBack> {
    await this.now(run);
    const { verified } = await dispatch(this.bus, new RollBackRun(run, to, reason, origin));
    return { ...(await this.now(run)), verified };
  }

  /** @throws NotFound, Refused */
  async resetAnchor(run: string, request: SignedReason, origin: Origin): Promise<AnchorWasReset> {
    await this.now(run);
    const { reason, signatures: given } = request;
    const reset = await dispatch(this.bus, new ResetAnchor(run, reason, given, origin));
    const { anchor, root, judged, alphaSpent, signatures } = reset;
    const signers = signatures.map(({ name }) => name);
    return { ...(await this.now(run)), anchor, root, judged, alphaSpent, signers };
  }

  /** @throws NotFound, Refused */
  async drill(run: string, reason: string, origin: Origin): Promise<Drilled> {
    await this.now(run);
    const { ancestor, equal } = await dispatch(this.bus, new DrillRun(run, reason, origin));
    return { ...(await this.now(run)), ancestor, equal };
  }

  /** The run as the log has it now. @throws NotFound */
  async now(run: string): Promise<RunCommanded> {
    const { state, revision } = await fold(this.log, runStream, run);
    if (state.status === 'absent' || revision === 'no-stream')
      throw new NotFound(`run "${run}" does not exist; GET /v1/runs lists those there are`);
    return { run, status: state.status, champion: state.champion ?? null, revision };
  }
}
