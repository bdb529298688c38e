import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsObject, IsOptional, IsString, MaxLength } from 'class-validator';
import { LONGEST_REASON } from '#doors/longest-reason.js';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Turn } from '#doors/turn.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { amendRegistration, experimentStream, registerExperiment } from './domain/experiment.js';
import { findExperiment, surroundingsOf, type KnownExperiment } from './known-experiments.js';
import { parseRegistration } from './parse-registration.js';

/** Fixes an experiment before its first run; with a reason, puts another registration in the place of the first. */
export class RegisterExperiment extends Command<KnownExperiment> {
  @IsObject() readonly registration: unknown;
  @IsObject() readonly origin: Origin;
  @IsOptional() @IsString() @IsNotEmpty() @MaxLength(LONGEST_REASON) readonly amendedBecause: string | undefined;

  constructor(registration: unknown, origin: Origin, amendedBecause?: string) {
    super();
    this.registration = registration;
    this.origin = origin;
    this.amendedBecause = amendedBecause;
  }
}

@CommandHandler(RegisterExperiment)
export class RegisterExperimentHandler implements ICommandHandler<RegisterExperiment> {
  constructor(
    private readonly ledger: Ledger,
    private readonly turn: Turn,
  ) {}

  /** Takes its turn, since no run of it may begin between the look at the runs and the record. */
  execute({ registration: input, origin, amendedBecause }: RegisterExperiment): Promise<KnownExperiment> {
    const { experiment } = parseRegistration(input);
    return this.turn.take(async () => {
      const surroundings = await surroundingsOf(this.ledger.log, experiment);
      const registration = parseRegistration(input, surroundings.others);
      const decision =
        amendedBecause === undefined
          ? registerExperiment(registration, surroundings)
          : amendRegistration(registration, amendedBecause, surroundings);
      await decide(this.ledger, experimentStream, experiment, decision, byOrigin(origin));
      return findExperiment(this.ledger.log, experiment);
    });
  }
}
