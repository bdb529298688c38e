import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { explainValidation } from './dispatch.js';

const CHECKS = { transform: true, whitelist: true, forbidNonWhitelisted: true } as const;
const ofBody = new ValidationPipe({ ...CHECKS, exceptionFactory: (errors) => explainValidation(errors, 422) });
const ofAddress = new ValidationPipe({ ...CHECKS, exceptionFactory: (errors) => explainValidation(errors, 400) });

/** Turns bodies, queries and paths into their classes; a misfit is named with its field, value and what is allowed. */
export class CheckedInput {
  transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return (metadata.type === 'body' ? ofBody : ofAddress).transform(value, metadata);
  }
}
