import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, Matches, Max, Min } from 'class-validator';
import { asWhole } from '#doors/page.js';
import { NAME } from './domain/config.js';
import { LAST_CYCLE } from './timeline.view.js';

/** The part of an address that names a run. */
export class RunPath {
  @ApiProperty({ description: 'name of the run', example: 'nightly', pattern: NAME.source })
  @Matches(NAME)
  readonly run!: string;
}

/** The part of an address that names a cycle of a run. */
export class CyclePath extends RunPath {
  @ApiProperty({ type: 'integer', minimum: 0, maximum: LAST_CYCLE, description: 'number of the cycle; 0 is the base' })
  @Transform(asWhole)
  @IsInt()
  @Min(0)
  @Max(LAST_CYCLE)
  readonly cycle!: number;
}
