import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsObject, Matches } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Turn } from '#doors/turn.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { NAME } from '#run/domain/config.js';
import { experimentStream } from './domain/experiment.js';
import { concludeLook } from './domain/look.js';
import { findExperiment, type KnownExperiment } from './known-experiments.js';
import { readEndings } from './read-endings.js';

/** Takes an experiment's next look: every hypothesis is concluded by its registered rule. */
export class ConcludeExperiment extends Command<KnownExperiment> {
  @Matches(NAME) readonly experiment: string;
  @IsObject() readonly origin: Origin;

  constructor(experiment: string, origin: Origin) {
    super();
    this.experiment = experiment;
    this.origin = origin;
  }
}

@CommandHandler(ConcludeExperiment)
export class ConcludeExperimentHandler implements ICommandHandler<ConcludeExperiment> {
  constructor(
    private readonly ledger: Ledger,
    private readonly turn: Turn,
  ) {}

  execute({ experiment, origin }: ConcludeExperiment): Promise<KnownExperiment> {
    const { log } = this.ledger;
    return this.turn.take(async () => {
      const { planned } = await findExperiment(log, experiment);
      const endings = await readEndings(log, planned);
      const decision = concludeLook({ planned, endings });
      await decide(this.ledger, experimentStream, experiment, decision, byOrigin(origin));
      return findExperiment(log, experiment);
    });
  }
}
