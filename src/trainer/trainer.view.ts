import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { asWhole } from '#doors/page.js';
import { NAME } from '#run/domain/config.js';

const HASH = /^[0-9a-f]{64}$/;
const HASH_RULE = { message: 'must be a SHA-256: 64 lower-case hex digits' };
const MOST_WAIT_SECONDS = 30;
const MOST = Number.MAX_SAFE_INTEGER;

/** Where a claim is addressed: /v1/trainer/claims/:run/:cycle/:epoch. */
export class ClaimPath {
  @ApiProperty({ description: 'name of the run' })
  @Matches(NAME, { message: 'must be the name of a run' })
  readonly run!: string;

  @ApiProperty({ type: 'integer', minimum: 0, description: '0: the base' })
  @Transform(asWhole)
  @IsInt()
  @Min(0)
  @Max(MOST)
  readonly cycle!: number;

  @ApiProperty({ type: 'integer', minimum: 1, description: 'number of the attempt; a later one fences this one off' })
  @Transform(asWhole)
  @IsInt()
  @Min(1)
  @Max(MOST)
  readonly epoch!: number;
}

export class ClaimedArtifactPath extends ClaimPath {
  @ApiProperty({ description: 'SHA-256 of the bytes', pattern: HASH.source })
  @Matches(HASH, HASH_RULE)
  readonly sha!: string;
}

/** Who would train. */
export class ClaimBody {
  @ApiProperty({ maxLength: 200, example: 'my-trainer/1.0', description: 'what computes, with its version' })
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly build!: string;

  @ApiProperty({ maxLength: 200, example: 'cuda', description: 'on what' })
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly backend!: string;

  @ApiProperty({ type: 'integer', minimum: 0, example: 8 })
  @IsInt()
  @Min(0)
  @Max(65_536)
  readonly threads!: number;

  @ApiProperty({
    enum: ['nc-1'],
    nullable: true,
    type: 'string',
    description: 'nc-1: the same plan gives the same bytes as on every trainer of the contract; null: it does not',
  })
  @IsIn(['nc-1', null])
  readonly contract!: 'nc-1' | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MOST_WAIT_SECONDS, default: MOST_WAIT_SECONDS })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_WAIT_SECONDS)
  readonly waitSeconds?: number;
}

/** An order, and the lease under which it is held. */
export class Claim {
  @ApiProperty()
  readonly run!: string;
  @ApiProperty({ type: 'integer' })
  readonly cycle!: number;
  @ApiProperty({ type: 'integer' })
  readonly epoch!: number;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'what to train; docs/trainer.md' })
  readonly plan!: object;
  @ApiProperty({ description: 'SHA-256 of the canonical plan; a receipt names it' })
  readonly planHash!: string;
  @ApiProperty({ type: [String], description: 'hashes of the artifacts that the plan names; GET them under the claim' })
  readonly inputs!: readonly string[];
  @ApiProperty({ description: 'seconds until the claim is lost without a heartbeat' })
  readonly leaseSeconds!: number;
  @ApiProperty({ description: 'whether the result must be the bytes that the contract gives' })
  readonly replayable!: boolean;
}

export class ProgressBody {
  @ApiProperty({ type: 'integer', minimum: 0 })
  @IsInt()
  @Min(0)
  @Max(MOST)
  readonly step!: number;

  @ApiProperty({ type: 'integer', minimum: 0 })
  @IsInt()
  @Min(0)
  @Max(MOST)
  readonly steps!: number;

  @ApiProperty({ type: 'integer', minimum: 0 })
  @IsInt()
  @Min(0)
  @Max(MOST)
  readonly tokens!: number;

  @ApiProperty({ description: 'nats per scored position' })
  @IsNumber()
  readonly lossNatsMean!: number;

  @ApiProperty()
  @IsNumber()
  @Min(0)
  readonly tokensPerSecond!: number;
}

export class HeartbeatBody {
  @ApiPropertyOptional({ type: () => ProgressBody, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ProgressBody)
  readonly progress?: ProgressBody | null;
}

export class Heartbeat {
  @ApiProperty({ description: 'seconds from now; 0 when the claim is over' })
  readonly leaseSeconds!: number;
  @ApiProperty({ description: 'nobody wants the update any more: stop, and claim the next order' })
  readonly cancelled!: boolean;
}

export class CompleteBody {
  @ApiProperty({ description: 'SHA-256 of the new checkpoint, which was sent under the claim', pattern: HASH.source })
  @Matches(HASH, HASH_RULE)
  readonly candidate!: string;

  @ApiPropertyOptional({ description: 'of a trainer of nc-1: SHA-256 of its receipt', nullable: true, type: 'string' })
  @IsOptional()
  @Matches(HASH, HASH_RULE)
  readonly receipt?: string | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'of any other trainer: steps it took, on its word' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST)
  readonly steps?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'of any other trainer: bytes it read, on its word' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST)
  readonly tokens?: number;
}

const ABORTS = ['cancelled', 'crash', 'non-finite', 'budget'] as const;

export class AbortBody {
  @ApiProperty({
    enum: ABORTS,
    description:
      'cancelled, or crash where the machine failed: trained again by whoever claims next; the others are outcomes and end the cycle',
  })
  @IsIn(ABORTS)
  readonly reason!: (typeof ABORTS)[number];

  @ApiPropertyOptional({ type: 'integer', minimum: 0, nullable: true })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST)
  readonly step?: number | null;

  @ApiProperty({ maxLength: 2000 })
  @IsString()
  @MinLength(1)
  @MaxLength(2000)
  readonly message!: string;
}
