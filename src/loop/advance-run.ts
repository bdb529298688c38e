import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsOptional, Matches } from 'class-validator';
import { NAME } from '#run/domain/config.js';
import type { Started } from '#run/domain/run.js';
import { LoopPorts } from './loop-ports.js';
import { advanceRun } from './run-loop.js';

/** Goes on with a run until it completes, is halted, or the signal stops it. */
export class AdvanceRun extends Command<Started> {
  @Matches(NAME) readonly run: string;
  @IsOptional() readonly signal: AbortSignal | undefined;

  constructor(run: string, signal?: AbortSignal) {
    super();
    this.run = run;
    this.signal = signal;
  }
}

@CommandHandler(AdvanceRun)
export class AdvanceRunHandler implements ICommandHandler<AdvanceRun> {
  constructor(private readonly ports: LoopPorts) {}

  execute({ run, signal }: AdvanceRun): Promise<Started> {
    return advanceRun(this.ports, run, signal);
  }
}
