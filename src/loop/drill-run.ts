import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsObject, IsString, Matches, MaxLength } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Refused } from '#ledger/decider.js';
import { decide, fold, isCarriedOut } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { ancestorsOf } from '#run/domain/alarm.js';
import { NAME } from '#run/domain/config.js';
import { rollBack } from '#run/domain/decisions.js';
import { nextStep } from '#run/domain/next-step.js';
import { runStream } from '#run/domain/run.js';
import { guardChampion } from './guard-champion.js';
import { LoopPorts } from './loop-ports.js';
import { overtaken } from './overtaken.js';
import { loadContext, readRun } from './run-context.js';
import { takeStep } from './run-loop.js';

/** From the champion to its ancestor and back; `equal`: both hashed and probed as when they were accepted. */
export type Drilled = Readonly<{ champion: string; ancestor: string; equal: boolean }>;

/** Rolls a run that rests back to the champion before, and forward again, each re-hashed and probed anew. */
export class DrillRun extends Command<Drilled> {
  @Matches(NAME) readonly run: string;
  @IsString() @IsNotEmpty() @MaxLength(2000) readonly reason: string;
  @IsObject() readonly origin: Origin;

  constructor(run: string, reason: string, origin: Origin) {
    super();
    this.run = run;
    this.reason = reason;
    this.origin = origin;
  }
}

@CommandHandler(DrillRun)
export class DrillRunHandler implements ICommandHandler<DrillRun> {
  constructor(private readonly ports: LoopPorts) {}

  async execute({ run: id, reason, origin }: DrillRun): Promise<Drilled> {
    const { ledger } = this.ports;
    const { run } = await readRun(this.ports, id);
    const { records } = await fold(ledger.log, runStream, id);
    const isRepeated = origin.command !== undefined && isCarriedOut(records, origin.command);
    // One that a kill cut short is gone on with.
    if (run.drilledFrom === undefined && !isRepeated) {
      const [ancestor] = ancestorsOf(run, run.champion ?? '');
      if (ancestor === undefined)
        throw new Refused(`drill: the champion of run ${id} is its anchor; there is none before it to go back to`);
      await decide(ledger, runStream, id, rollBack(ancestor, reason, origin.requester, 'drill'), byOrigin(origin));
    }
    while (!(await this.isOver(id)));
    return this.drilled(id);
  }

  /** Takes the drill a step further, unless the run's own loop was faster. */
  private async isOver(id: string): Promise<boolean> {
    const { run, revision } = await readRun(this.ports, id);
    if (run.unverifiedRollback === undefined && run.drilledFrom === undefined) return true;
    const step = nextStep(run);
    try {
      if (!(await guardChampion(this.ports, run, step)))
        await takeStep(this.ports, await loadContext(this.ports, run.config), run, step);
    } catch (error) {
      if (!(await overtaken(this.ports, id, revision, error))) throw error;
    }
    return false;
  }

  private async drilled(id: string): Promise<Drilled> {
    const { records } = await fold(this.ports.ledger.log, runStream, id);
    const asked = records.findLastIndex(
      ({ type, data, actor }) => type === 'RollbackRequested' && data['cause'] === 'drill' && actor.kind !== 'policy',
    );
    const { from, to } = (records[asked] as Record).data as { from: string; to: string };
    const verified = records.slice(asked).filter(({ type }) => type === 'RollbackVerified');
    const isEqual = (checkpoint: string): boolean =>
      verified.some(({ data }) => data['checkpoint'] === checkpoint && data['equal'] === true);
    return { champion: from, ancestor: to, equal: isEqual(from) && isEqual(to) };
  }
}
