import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsIn, IsObject, IsOptional, Matches } from 'class-validator';
import { InvalidRequest } from '#doors/dispatch.js';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Turn } from '#doors/turn.js';
import { decide, decode, fold, isCarriedOut } from '#ledger/ledger.js';
import { NAME } from '#run/domain/config.js';
import { startRun } from '#run/domain/decisions.js';
import { runEvents } from '#run/domain/events.js';
import { localFileOf } from '#run/domain/local-files.js';
import type { RunFile } from '#run/domain/run-file.js';
import { runStream } from '#run/domain/run.js';
import { parseRunFile } from '#run/parse-run-file.js';
import { LoopPorts } from './loop-ports.js';
import { prepareRun, sightOf, type Prepared } from './prepare-run.js';

/** Whether paths in a run file may be read: only where who sends it could read them without this program. */
export type Reach = 'local files' | 'no files';

/** Brings corpora, constitution and suites into the log and starts the run that the file describes. */
export class StartRun extends Command<Prepared> {
  @IsObject() readonly file: unknown;
  @IsObject() readonly origin: Origin;
  @IsIn(['local files', 'no files']) readonly reach: Reach;
  /** The registered experiment that it is a run of; a run of none is exploratory. */
  @IsOptional() @Matches(NAME) readonly experiment: string | undefined;

  constructor(file: unknown, origin: Origin, reach: Reach = 'no files', experiment?: string) {
    super();
    this.file = file;
    this.origin = origin;
    this.reach = reach;
    this.experiment = experiment;
  }
}

/** @throws InvalidRequest naming the field and how to bring what it names */
const refuseLocalFiles = (file: RunFile): void => {
  const named = localFileOf(file);
  if (!named) return;
  const { field, allowed } = named;
  throw new InvalidRequest(`${field}: the service reads no files for a client; upload it, and write ${allowed}`, named);
};

@CommandHandler(StartRun)
export class StartRunHandler implements ICommandHandler<StartRun> {
  constructor(
    private readonly ports: LoopPorts,
    private readonly turn: Turn,
  ) {}

  /** One start at a time: a lineage's balance is read and joined before the next one reads it. */
  execute(command: StartRun): Promise<Prepared> {
    return this.turn.take(() => this.start(command));
  }

  private async start({ file: given, origin, reach, experiment }: StartRun): Promise<Prepared> {
    const by = byOrigin(origin);
    const file = parseRunFile(given, (message) => new InvalidRequest(message));
    if (reach === 'no files') refuseLocalFiles(file);
    const before = await this.startedBy(file, origin);
    if (before) return before;
    const prepared = await prepareRun(this.ports, file, by, experiment);
    await decide(this.ports.ledger, runStream, prepared.data.config.run, startRun(prepared.data), by);
    return prepared;
  }

  /** What this very command started when it came the first time. */
  private async startedBy(file: RunFile, { command }: Origin): Promise<Prepared | undefined> {
    if (!command) return undefined;
    const { records } = await fold(this.ports.ledger.log, runStream, file.run);
    const [first] = records;
    if (!first || !isCarriedOut(records, command)) return undefined;
    const { type, data } = decode(runEvents, first);
    if (type !== 'RunStarted') return undefined;
    return { data, sight: sightOf(file.constitution, data.config.evaluation) };
  }
}
