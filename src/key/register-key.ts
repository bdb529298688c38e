import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsArray, IsObject, Matches } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Turn } from '#doors/turn.js';
import { ed25519 } from '#ledger/ed25519.js';
import { decide, fold, Ledger } from '#ledger/ledger.js';
import { NAME } from '#ledger/schema.js';
import { keyStream, registerKey } from './domain/key-ring.js';
import { liveKey, type Key, type Signed } from './domain/signing.js';

const PUBLIC_KEY = /^[A-Za-z0-9+/]{43}=$/;

/** Makes a person's public key known: the first of a log as it is, every further one signed by somebody known. */
export class RegisterKey extends Command<Key> {
  @Matches(NAME, { message: 'must be 1 to 63 of a-z, 0-9, "." and "-", and begin with a letter or digit' })
  readonly name: string;
  @Matches(PUBLIC_KEY, { message: 'must be the 32 raw bytes of an Ed25519 public key in base64' })
  readonly publicKey: string;
  @IsArray() readonly signatures: readonly Signed[];
  @IsObject() readonly origin: Origin;

  constructor(name: string, publicKey: string, signatures: readonly Signed[], origin: Origin) {
    super();
    this.name = name;
    this.publicKey = publicKey;
    this.signatures = signatures;
    this.origin = origin;
  }
}

@CommandHandler(RegisterKey)
export class RegisterKeyHandler implements ICommandHandler<RegisterKey> {
  constructor(
    private readonly ledger: Ledger,
    private readonly turn: Turn,
  ) {}

  execute({ name, publicKey, signatures, origin }: RegisterKey): Promise<Key> {
    const by = byOrigin(origin);
    const registration = { name, publicKey, requester: origin.requester, signatures };
    const decision = registerKey(registration, { by: by.actor.kind, signing: ed25519 });
    return this.turn.take(async () => {
      await decide(this.ledger, keyStream, '', decision, by);
      const { state } = await fold(this.ledger.log, keyStream, '');
      return liveKey(state, name) as Key;
    });
  }
}
