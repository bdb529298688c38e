import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { NAME } from '#ledger/schema.js';

/** A registered experiment, in the path of what is asked or commanded of it. */
export class ExperimentPath {
  @ApiProperty({ description: 'name of the experiment', pattern: NAME.source, example: 'regimes' })
  @Matches(NAME, { message: 'an experiment is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly experiment!: string;
}
