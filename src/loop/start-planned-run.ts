import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsIn, IsObject, Matches } from 'class-validator';
import { dispatch } from '#doors/dispatch.js';
import type { Origin } from '#doors/origin.js';
import { armFile } from '#experiment/domain/planned-runs.js';
import { findExperiment } from '#experiment/known-experiments.js';
import { Refused } from '#ledger/decider.js';
import { fold, Ledger } from '#ledger/ledger.js';
import { NAME } from '#run/domain/config.js';
import { runStream } from '#run/domain/run.js';
import { StartRun, type Reach } from './start-run.js';

/** Starts one run of a registered experiment, as it was registered; one that began already is left as it is. */
export class StartPlannedRun extends Command<void> {
  @Matches(NAME) readonly experiment: string;
  @Matches(NAME) readonly run: string;
  @IsObject() readonly origin: Origin;
  @IsIn(['local files', 'no files']) readonly reach: Reach;

  constructor(experiment: string, run: string, origin: Origin, reach: Reach = 'no files') {
    super();
    this.experiment = experiment;
    this.run = run;
    this.origin = origin;
    this.reach = reach;
  }
}

@CommandHandler(StartPlannedRun)
export class StartPlannedRunHandler implements ICommandHandler<StartPlannedRun> {
  constructor(
    private readonly ledger: Ledger,
    private readonly bus: CommandBus,
  ) {}

  async execute({ experiment, run, origin, reach }: StartPlannedRun): Promise<void> {
    const { log } = this.ledger;
    const { planned } = await findExperiment(log, experiment);
    const one = planned.find((each) => each.run === run);
    if (!one)
      throw new Refused(
        `run: ${run} is none of experiment ${experiment}; the first of its ${planned.length} is ${planned[0]?.run}`,
      );
    if (await this.hasBegun(run)) return;
    // A run that is shared is begun as the other experiment registered it.
    const { registration } = (await findExperiment(log, one.of.experiment)).state;
    try {
      await dispatch(this.bus, new StartRun(armFile(registration, one), origin, reach, one.of.experiment));
    } catch (error) {
      // Somebody else may have begun it since it was looked for.
      if (!(error instanceof Refused) || !(await this.hasBegun(run))) throw error;
    }
  }

  private async hasBegun(run: string): Promise<boolean> {
    return (await fold(this.ledger.log, runStream, run)).state.status !== 'absent';
  }
}
