import type { Command, CommandBus } from '@nestjs/cqrs';
import { validate, type ValidationError } from 'class-validator';

/** A request that is malformed: names the field, the value given and what is allowed. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
}

const explain = (error: ValidationError): string => {
  const allowed = Object.values(error.constraints ?? {}).join(', ');
  return `${error.property}: ${JSON.stringify(error.value)} is not allowed: ${allowed}`;
};

/** The way in for every door: a command is checked, then carried by the bus to its handler. */
export const dispatch = async <R>(bus: CommandBus, command: Command<R>): Promise<R> => {
  const errors = await validate(command, { whitelist: true, forbidNonWhitelisted: true });
  if (errors[0]) throw new InvalidRequest(explain(errors[0]));
  return bus.execute<Command<R>, R>(command);
};
