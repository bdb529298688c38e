import { InputType } from '@nestjs/graphql';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { LONGEST_REASON } from './longest-reason.js';
import { Shown } from './shown.js';

/** Why somebody wants something done; kept in the log. */
@InputType()
export class Reason {
  @Shown(() => String, { description: 'why; kept in the log', example: 'the curve has peaked' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(LONGEST_REASON)
  readonly reason!: string;
}
