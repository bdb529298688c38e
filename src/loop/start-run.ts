import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsObject, IsString, MaxLength } from 'class-validator';
import { human } from '#doors/actors.js';
import { InvalidRequest } from '#doors/dispatch.js';
import { explainIssue } from '#doors/explain-issue.js';
import { decide } from '#ledger/ledger.js';
import { startRun } from '#run/domain/decisions.js';
import { runFileSchema, type RunFile } from '#run/domain/run-file.js';
import { runStream } from '#run/domain/run.js';
import { LoopPorts } from './loop-ports.js';
import { prepareRun, type Prepared } from './prepare-run.js';

/** Brings corpora, constitution and suites into the log and starts the run that the file describes. */
export class StartRun extends Command<Prepared> {
  @IsObject() readonly file: unknown;
  @IsString() @IsNotEmpty() @MaxLength(200) readonly requester: string;

  constructor(file: unknown, requester: string) {
    super();
    this.file = file;
    this.requester = requester;
  }
}

/** @throws InvalidRequest naming the field, the value and what is allowed */
export const parseRunFile = (input: unknown): RunFile => {
  const parsed = runFileSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new InvalidRequest(explainIssue(parsed.error.issues[0], input));
};

@CommandHandler(StartRun)
export class StartRunHandler implements ICommandHandler<StartRun> {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly ports: LoopPorts) {}

  /** One start at a time: a lineage's balance is read and joined before the next one reads it. */
  execute(command: StartRun): Promise<Prepared> {
    const started = this.turn.then(() => this.start(command));
    this.turn = started.catch(() => undefined);
    return started;
  }

  private async start({ file, requester }: StartRun): Promise<Prepared> {
    const by = { actor: human(requester) };
    const prepared = await prepareRun(this.ports, parseRunFile(file), by);
    await decide(this.ports.ledger, runStream, prepared.data.config.run, startRun(prepared.data), by);
    return prepared;
  }
}
