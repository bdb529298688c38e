import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsObject, Matches } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Turn } from '#doors/turn.js';
import { experimentStream } from '#experiment/domain/experiment.js';
import { publishReport } from '#experiment/domain/publishing.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Refused } from '#ledger/decider.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { NAME } from '#run/domain/config.js';
import type { MadeReport } from './report-of.js';

/** Keeps the report of an experiment among the artifacts and records their hashes. */
export class PublishReport extends Command<MadeReport> {
  @Matches(NAME) readonly experiment: string;
  @IsObject() readonly origin: Origin;

  constructor(experiment: string, origin: Origin) {
    super();
    this.experiment = experiment;
    this.origin = origin;
  }
}

@CommandHandler(PublishReport)
export class PublishReportHandler implements ICommandHandler<PublishReport> {
  constructor(
    private readonly ledger: Ledger,
    private readonly artifacts: Artifacts,
    private readonly turn: Turn,
  ) {}

  /** Takes its turn, since it is as of the end of the log. */
  execute({ experiment, origin }: PublishReport): Promise<MadeReport> {
    return this.turn.take(async () => {
      // Only now: what draws is of no use to any other command.
      const { reportOf } = await import('./report-of.js');
      const made = await reportOf(this.ledger.log, experiment);
      if (!made) throw new Refused(`experiment "${experiment}" is not registered`);
      const { html, markdown, figures } = made.files;
      for (const text of [html, markdown, ...figures.map(({ svg }) => svg)])
        await this.artifacts.put(Buffer.from(text, 'utf8'));
      await decide(this.ledger, experimentStream, experiment, publishReport(made.published), byOrigin(origin));
      return made;
    });
  }
}
