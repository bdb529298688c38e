import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsArray, IsNotEmpty, IsObject, IsString, MaxLength } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Turn } from '#doors/turn.js';
import { keyStream } from '#key/domain/key-ring.js';
import type { Signed } from '#key/domain/signing.js';
import { ed25519 } from '#ledger/ed25519.js';
import { decide, fold, Ledger } from '#ledger/ledger.js';
import { amendConstitution, constitutionStream, type Change } from './domain/constitution.js';
import type { ConstitutionEvent } from './domain/events.js';
import { parseConstitution } from './parse-constitution.js';

/** The version in force from now on, what it changes (paths with both sides as JSON text), and who signed it. */
export type Amended = Readonly<{
  constitution: string;
  version: number;
  changes: readonly Readonly<Change>[];
  signers: readonly string[];
}>;

/**
 * Puts a new version of an enacted constitution beside the earlier ones. Runs that began under an earlier version are
 * judged by it to their end; a run started from now on that says these rules gets this version.
 */
export class AmendConstitution extends Command<Amended> {
  @IsObject() readonly document: unknown;
  @IsString() @IsNotEmpty() @MaxLength(2000) readonly reason: string;
  /** Of the amendment's statement; PROCEDURAL rules of the version in force say how many are needed. */
  @IsArray() readonly signatures: readonly Signed[];
  @IsObject() readonly origin: Origin;

  constructor(document: unknown, reason: string, signatures: readonly Signed[], origin: Origin) {
    super();
    this.document = document;
    this.reason = reason;
    this.signatures = signatures;
    this.origin = origin;
  }
}

type AmendedData = Extract<ConstitutionEvent, { type: 'ConstitutionAmended' }>['data'];

@CommandHandler(AmendConstitution)
export class AmendConstitutionHandler implements ICommandHandler<AmendConstitution> {
  constructor(
    private readonly ledger: Ledger,
    private readonly turn: Turn,
  ) {}

  async execute({ document: input, reason, signatures, origin }: AmendConstitution): Promise<Amended> {
    const document = parseConstitution(input);
    const by = byOrigin(origin);
    return this.turn.take(async () => {
      const { state: ring } = await fold(this.ledger.log, keyStream, '');
      const authority = { by: by.actor.kind, ring, signing: ed25519 };
      await decide(
        this.ledger,
        constitutionStream,
        document.name,
        amendConstitution({ document, reason, signatures }, authority),
        by,
      );
      const { records } = await fold(this.ledger.log, constitutionStream, document.name);
      const data = records.at(-1)?.data as AmendedData;
      const signers = data.signatures.map(({ name }) => name);
      return { constitution: document.name, version: data.version, changes: data.changes, signers };
    });
  }
}
