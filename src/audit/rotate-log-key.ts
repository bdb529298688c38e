import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsObject, IsString, MaxLength } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { LONGEST_REASON } from '#doors/longest-reason.js';
import { rotate } from '#ledger/key-chain.js';
import { collect, decide, isCarriedOut, Ledger } from '#ledger/ledger.js';
import { ED25519, formatVerifier } from '#ledger/note.js';
import { auditStream } from './domain/audit.js';
import { KeyRotated } from './domain/log-events.js';
import { rotateKey } from './domain/log-keys.js';
import { Notary } from './notary.js';
import { NotaryKey } from './notary-key.js';

/** The public halves, as verifiers of signed notes read them. */
export type Rotated = Readonly<{ origin: string; oldKey: string; newKey: string }>;

/** Gives the log another key, which signs every checkpoint from this record on. */
export class RotateLogKey extends Command<Rotated> {
  @IsString() @IsNotEmpty() @MaxLength(LONGEST_REASON) readonly reason: string;
  @IsObject() readonly origin: Origin;

  constructor(reason: string, origin: Origin) {
    super();
    this.reason = reason;
    this.origin = origin;
  }
}

const shown = ({ origin, oldKey, newKey }: Rotated): Rotated => {
  const [before = '', now = ''] = [oldKey, newKey].map((key) =>
    formatVerifier({ name: origin, algorithm: ED25519, key: Buffer.from(key, 'base64') }),
  );
  return { origin, oldKey: before, newKey: now };
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

@CommandHandler(RotateLogKey)
export class RotateLogKeyHandler implements ICommandHandler<RotateLogKey> {
  constructor(
    private readonly ledger: Ledger,
    private readonly notary: Notary,
    private readonly key: NotaryKey,
  ) {}

  /** The new key is on disk before the log says that it is in force, and the old one until a checkpoint has both signatures. */
  async execute({ reason, origin }: RotateLogKey): Promise<Rotated> {
    const before = await this.carriedOut(origin);
    if (before) return before;
    // Ends a rotation before that a crash cut short; also, nothing may be wrong with what the old key has signed.
    await this.notary.advance(this.ledger.log);
    const { origin: log, ...parts } = rotate(await this.key.signer(), (await this.key.prepare()).verifier);
    const [oldKey = '', newKey = '', signature = ''] = [parts.oldKey, parts.newKey, parts.signature].map(base64);
    const { requester } = origin;
    const rotation = { origin: log, oldKey, newKey, signature, reason, requester };
    await decide(this.ledger, auditStream, '', rotateKey(rotation), byOrigin(origin));
    await this.notary.advance(this.ledger.log);
    return shown(rotation);
  }

  /** What the same command has done already, if it is asked again. */
  private async carriedOut({ command }: Origin): Promise<Rotated | undefined> {
    if (!command) return undefined;
    const records = await collect(this.ledger.log.readStream(auditStream.name));
    if (!isCarriedOut(records, command)) return undefined;
    const record = records.find(({ causationId }) => causationId === command.id);
    return record && shown(KeyRotated.decode(record).data);
  }
}
