import { ApiHeader } from '@nestjs/swagger';

/** Commands that a client may send again under the same name. */
export const Repeatable = (): ClassDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'a name for this command; its repetition is carried out once',
  }) as ClassDecorator;
