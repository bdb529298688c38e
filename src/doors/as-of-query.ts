import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { asWhole } from './page.js';

/** What every question takes. */
export class AsOfQuery {
  @ApiPropertyOptional({
    description: 'answer as of this position of the log; default: as far as the service has read',
    type: 'integer',
    minimum: 0,
  })
  @IsOptional()
  @Transform(asWhole)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly asOf?: number;
}
