import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsObject, IsString, MaxLength } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Turn } from '#doors/turn.js';
import { decide, fold, Ledger } from '#ledger/ledger.js';
import { keyStream, revokeKey } from './domain/key-ring.js';

/** `live`: how many keys are left whose signatures count; with none, none can be registered any more. */
export type Revoked = Readonly<{ name: string; keyId: string; live: number }>;

/** Makes a key's signatures worthless from now on; named by the person or the key's id. */
export class RevokeKey extends Command<Revoked> {
  @IsString() @IsNotEmpty() @MaxLength(64) readonly which: string;
  @IsString() @IsNotEmpty() @MaxLength(2000) readonly reason: string;
  @IsObject() readonly origin: Origin;

  constructor(which: string, reason: string, origin: Origin) {
    super();
    this.which = which;
    this.reason = reason;
    this.origin = origin;
  }
}

@CommandHandler(RevokeKey)
export class RevokeKeyHandler implements ICommandHandler<RevokeKey> {
  constructor(
    private readonly ledger: Ledger,
    private readonly turn: Turn,
  ) {}

  execute({ which, reason, origin }: RevokeKey): Promise<Revoked> {
    const by = byOrigin(origin);
    const decision = revokeKey({ which, reason, requester: origin.requester, by: by.actor.kind });
    return this.turn.take(async () => {
      await decide(this.ledger, keyStream, '', decision, by);
      const { state } = await fold(this.ledger.log, keyStream, '');
      const { name = which, keyId = which } =
        state.keys.findLast((key) => key.name === which || key.keyId === which) ?? {};
      return { name, keyId, live: state.keys.filter(({ revoked }) => !revoked).length };
    });
  }
}
