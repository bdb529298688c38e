import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsArray, IsNotEmpty, IsObject, IsString, Matches, MaxLength } from 'class-validator';
import { constitutionAt, constitutionStream, signersNeeded } from '#constitution/domain/constitution.js';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Turn } from '#doors/turn.js';
import { keyStream } from '#key/domain/key-ring.js';
import type { Signed } from '#key/domain/signing.js';
import { Refused } from '#ledger/decider.js';
import { ed25519 } from '#ledger/ed25519.js';
import { decide, fold, isCarriedOut } from '#ledger/ledger.js';
import { NAME } from '#run/domain/config.js';
import type { DataOf } from '#run/domain/events.js';
import { resetAnchor, resetOf } from '#run/domain/lineage.js';
import { runStream } from '#run/domain/run.js';
import { knownRuns } from './known-runs.js';
import { LoopPorts } from './loop-ports.js';
import { loadRun } from './run-context.js';

/**
 * Lets a lineage start anew from the champion of a completed run: only people may, with their signatures. As many are
 * needed as an amendment of the run's constitution would need now.
 */
export class ResetAnchor extends Command<DataOf<'AnchorReset'>> {
  @Matches(NAME) readonly run: string;
  @IsString() @IsNotEmpty() @MaxLength(2000) readonly reason: string;
  @IsArray() readonly signatures: readonly Signed[];
  @IsObject() readonly origin: Origin;

  constructor(run: string, reason: string, signatures: readonly Signed[], origin: Origin) {
    super();
    this.run = run;
    this.reason = reason;
    this.signatures = signatures;
    this.origin = origin;
  }
}

@CommandHandler(ResetAnchor)
export class ResetAnchorHandler implements ICommandHandler<ResetAnchor> {
  constructor(
    private readonly ports: LoopPorts,
    private readonly turn: Turn,
  ) {}

  /** No run starts meanwhile, and no key is revoked. */
  execute(command: ResetAnchor): Promise<DataOf<'AnchorReset'>> {
    return this.turn.take(() => this.reset(command));
  }

  private async reset({ run, reason, signatures, origin }: ResetAnchor): Promise<DataOf<'AnchorReset'>> {
    const { ledger } = this.ports;
    const by = byOrigin(origin);
    const { records } = await fold(ledger.log, runStream, run);
    if (!(by.command && isCarriedOut(records, by.command))) {
      const { config } = await loadRun(this.ports, run);
      const { state } = await fold(ledger.log, constitutionStream, config.constitution.id);
      const needed = signersNeeded(constitutionAt(state));
      const { state: ring } = await fold(ledger.log, keyStream, '');
      const authority = { by: by.actor.kind, ring, signing: ed25519 };
      const request = { reason, requester: origin.requester, signatures };
      const data = resetOf(run, await knownRuns(ledger.log), request, authority, needed);
      await decide(ledger, runStream, run, resetAnchor(data), by);
    }
    const { reset } = await loadRun(this.ports, run);
    if (!reset) throw new Refused(`run ${run} has no reset of its anchor`);
    return reset;
  }
}
