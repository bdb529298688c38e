import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsObject } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { constitutionStream, enactConstitution } from './domain/constitution.js';
import { parseConstitution } from './parse-constitution.js';

export type Enacted = Readonly<{ constitution: string; version: number }>;

/** Puts a constitution under a new name in force, as the first run that names it would. */
export class EnactConstitution extends Command<Enacted> {
  @IsObject() readonly document: unknown;
  @IsObject() readonly origin: Origin;

  constructor(document: unknown, origin: Origin) {
    super();
    this.document = document;
    this.origin = origin;
  }
}

@CommandHandler(EnactConstitution)
export class EnactConstitutionHandler implements ICommandHandler<EnactConstitution> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ document: input, origin }: EnactConstitution): Promise<Enacted> {
    const document = parseConstitution(input);
    await decide(this.ledger, constitutionStream, document.name, enactConstitution(document), byOrigin(origin));
    return { constitution: document.name, version: 1 };
  }
}
