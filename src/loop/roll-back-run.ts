import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsObject, IsString, Matches, MaxLength } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { decide, fold } from '#ledger/ledger.js';
import { NAME } from '#run/domain/config.js';
import { rollBack } from '#run/domain/decisions.js';
import { runStream } from '#run/domain/run.js';
import { LoopPorts } from './loop-ports.js';
import { overtaken } from './overtaken.js';
import { loadContext, readRun } from './run-context.js';
import { takeStep } from './run-loop.js';

/** Makes an accepted ancestor the champion again, re-hashes it and probes it anew. The run goes no step further. */
export class RollBackRun extends Command<Readonly<{ verified: boolean }>> {
  @Matches(NAME) readonly run: string;
  @Matches(/^[0-9a-f]{64}$/, { message: 'must be a checkpoint hash of 64 hex digits' }) readonly to: string;
  @IsString() @IsNotEmpty() @MaxLength(2000) readonly reason: string;
  @IsObject() readonly origin: Origin;

  constructor(run: string, to: string, reason: string, origin: Origin) {
    super();
    this.run = run;
    this.to = to;
    this.reason = reason;
    this.origin = origin;
  }
}

@CommandHandler(RollBackRun)
export class RollBackRunHandler implements ICommandHandler<RollBackRun> {
  constructor(private readonly ports: LoopPorts) {}

  async execute({ run, to, reason, origin }: RollBackRun): Promise<Readonly<{ verified: boolean }>> {
    const { ledger } = this.ports;
    await decide(ledger, runStream, run, rollBack(to, reason, origin.requester), byOrigin(origin));
    while (!(await this.isVerified(run)));
    const { records } = await fold(ledger.log, runStream, run);
    return { verified: records.findLast(({ type }) => type === 'RollbackVerified')?.data['equal'] === true };
  }

  /** Verifies it unless the run's own loop was faster. */
  private async isVerified(id: string): Promise<boolean> {
    const { run, revision } = await readRun(this.ports, id);
    if (!run.unverifiedRollback) return true;
    try {
      await takeStep(this.ports, await loadContext(this.ports, run.config), run, { kind: 'verify-rollback' });
    } catch (error) {
      if (!(await overtaken(this.ports, id, revision, error))) throw error;
    }
    return false;
  }
}
