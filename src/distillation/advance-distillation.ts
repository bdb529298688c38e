import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsOptional, Matches } from 'class-validator';
import { NAME } from '#ledger/schema.js';
import { UpdateFailed } from '#trainer/trainer.js';
import { nextStep, type Begun } from './domain/distillation.js';
import { findDistillation } from './known-distillations.js';
import { DistillationPorts } from './ports.js';
import { contextOf, takeStep } from './take-step.js';

/** Goes on with a distillation until all its arms are concluded, or the signal stops it. */
export class AdvanceDistillation extends Command<Begun> {
  @Matches(NAME) readonly distillation: string;
  @IsOptional() readonly signal: AbortSignal | undefined;

  constructor(distillation: string, signal?: AbortSignal) {
    super();
    this.distillation = distillation;
    this.signal = signal;
  }
}

@CommandHandler(AdvanceDistillation)
export class AdvanceDistillationHandler implements ICommandHandler<AdvanceDistillation> {
  constructor(private readonly ports: DistillationPorts) {}

  /** Each step is chosen from the log alone, so whoever calls this after a crash does no finished step twice. */
  async execute({ distillation, signal }: AdvanceDistillation): Promise<Begun> {
    const { log } = this.ports.ledger;
    let begun = await findDistillation(log, distillation);
    if (nextStep(begun).kind === 'rest') return begun;
    const context = await contextOf(this.ports, begun, signal);
    for (;;) {
      const step = nextStep(begun);
      if (step.kind === 'rest' || signal?.aborted) return begun;
      try {
        await takeStep(context, begun, step);
      } catch (error) {
        if (signal?.aborted && error instanceof UpdateFailed && error.reason === 'cancelled') return begun;
        throw error;
      }
      begun = await findDistillation(log, distillation);
    }
  }
}
