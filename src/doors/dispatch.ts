import type { Command, CommandBus } from '@nestjs/cqrs';
import { validate, type ValidationError } from 'class-validator';

/** The field of a request that is not as it must be, the value given, and what is allowed. */
export type Misfit = Readonly<{ field: string; value: unknown; allowed: string }>;

/** A request that is malformed: names the field, the value given and what is allowed. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';

  constructor(
    message: string,
    readonly misfit?: Misfit,
    /** 400 for what cannot be read (a query, a cursor), 422 for a body that says something impossible. */
    readonly status: 400 | 422 = 422,
  ) {
    super(message);
  }
}

const LONGEST_VALUE = 200;
const inJson = (value: unknown): string => (value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value)));

const innermost = (
  error: ValidationError,
  path = error.property,
): Readonly<{ error: ValidationError; path: string }> => {
  const [child] = error.children ?? [];
  return child ? innermost(child, `${path}.${child.property}`) : { error, path };
};

/** What the first of the validator's errors says, as a refusal. */
export const explainValidation = (errors: readonly ValidationError[], status: 400 | 422 = 422): InvalidRequest => {
  const [first] = errors;
  if (!first) return new InvalidRequest('malformed', undefined, status);
  const { error, path } = innermost(first);
  const given = inJson(error.value);
  const value = given.length > LONGEST_VALUE ? `${given.slice(0, LONGEST_VALUE)}…` : given;
  const constraints = error.constraints ?? {};
  const allowed =
    'whitelistValidation' in constraints ? 'no such field; leave it out' : Object.values(constraints).join(', ');
  return new InvalidRequest(`${path}: ${value} is not allowed: ${allowed}`, { field: path, value, allowed }, status);
};

/** The way in for every door: a command is checked, then carried by the bus to its handler. */
export const dispatch = async <R>(bus: CommandBus, command: Command<R>): Promise<R> => {
  const errors = await validate(command, { whitelist: true, forbidNonWhitelisted: true });
  if (errors[0]) throw explainValidation(errors);
  return bus.execute<Command<R>, R>(command);
};
