import { InputType } from '@nestjs/graphql';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { Shown } from './shown.js';

export const LONGEST_REASON = 2000;

/** Why somebody wants something done; kept in the log. */
@InputType()
export class Reason {
  @Shown(() => String, { description: 'why; kept in the log', example: 'the curve has peaked' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(LONGEST_REASON)
  readonly reason!: string;
}
