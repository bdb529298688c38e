import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArrayNotEmpty, IsNotEmpty, IsObject, IsString, Matches, MaxLength } from 'class-validator';
import { InvalidRequest } from '#doors/dispatch.js';
import { explainIssue } from '#doors/explain-issue.js';
import { byOrigin, type Origin } from '#doors/origin.js';
import { decide, fold, Ledger } from '#ledger/ledger.js';
import { NAME } from '#ledger/schema.js';
import { amendConstitution, constitutionStream } from './domain/constitution.js';
import { constitutionInputSchema, type Constitution } from './domain/document.js';

/** The version in force from now on, and what it changes: paths with the values before and after as JSON text. */
export type Amended = Readonly<{
  constitution: string;
  version: number;
  changes: readonly Readonly<{ path: string; before: string | null; after: string | null }>[];
}>;

/**
 * Puts a new version of an enacted constitution beside the earlier ones. Runs that began under an earlier version are
 * judged by it to their end; a run started from now on that says these rules gets this version.
 */
export class AmendConstitution extends Command<Amended> {
  @IsObject() readonly document: unknown;
  @IsString() @IsNotEmpty() @MaxLength(2000) readonly reason: string;
  /** Who agreed to it; PROCEDURAL rules of the version in force say how many are needed. */
  @ArrayNotEmpty() @Matches(NAME, { each: true }) readonly approvals: readonly string[];
  @IsObject() readonly origin: Origin;

  constructor(document: unknown, reason: string, approvals: readonly string[], origin: Origin) {
    super();
    this.document = document;
    this.reason = reason;
    this.approvals = approvals;
    this.origin = origin;
  }
}

/** @throws InvalidRequest naming the field, the value and what is allowed */
const parsed = (input: unknown): Constitution => {
  const result = constitutionInputSchema.safeParse(input);
  if (result.success) return result.data;
  throw new InvalidRequest(explainIssue(result.error.issues[0], input));
};

@CommandHandler(AmendConstitution)
export class AmendConstitutionHandler implements ICommandHandler<AmendConstitution> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ document: input, reason, approvals, origin }: AmendConstitution): Promise<Amended> {
    const document = parsed(input);
    const by = byOrigin(origin);
    const decision = amendConstitution({ document, reason, approvals, by: by.actor.kind });
    await decide(this.ledger, constitutionStream, document.name, decision, by);
    const { records } = await fold(this.ledger.log, constitutionStream, document.name);
    const { version, changes } = (records.at(-1)?.data ?? {}) as Pick<Amended, 'version' | 'changes'>;
    return { constitution: document.name, version, changes };
  }
}
