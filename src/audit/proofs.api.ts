import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { Allow } from '#doors/allow.js';
import { InvalidRequest } from '#doors/dispatch.js';
import { asWhole } from '#doors/page.js';
import { Refuses } from '#doors/problems.js';
import { TileStore } from '#ledger/tile-store.js';
import { proveConsistency, proveInclusion, type Tree } from './proving.js';

const HASH = 'SHA-256, 64 lower-case hex digits';

export class ConsistencyQuery {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'size of the older log' })
  @Transform(asWhole)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly from!: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    description: 'size of the newer log; default: all that is signed',
  })
  @IsOptional()
  @Transform(asWhole)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly to?: number;
}

export class InclusionQuery {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    description: 'index of a record, counted from 0 in the order of the log',
  })
  @Transform(asWhole)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly index!: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'size of the log; default: all that is signed' })
  @IsOptional()
  @Transform(asWhole)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly size?: number;
}

export class TreeShown {
  @ApiProperty({ type: 'integer' })
  readonly size!: number;
  @ApiProperty({ description: `RFC 6962 root over so many records: ${HASH}` })
  readonly root!: string;
}

export class ConsistencyShown {
  @ApiProperty({ type: TreeShown })
  readonly from!: TreeShown;
  @ApiProperty({ type: TreeShown })
  readonly to!: TreeShown;
  @ApiProperty({ type: [String], description: `proof of RFC 9162 section 2.1.4, each ${HASH}` })
  readonly path!: readonly string[];
  @ApiProperty({ description: 'the latest signed checkpoint, whose size may be beyond `to`' })
  readonly checkpoint!: string;
}

export class InclusionShown {
  @ApiProperty({ type: 'integer' })
  readonly index!: number;
  @ApiProperty({ description: `leaf hash of the record: ${HASH}` })
  readonly leaf!: string;
  @ApiProperty({ type: TreeShown })
  readonly to!: TreeShown;
  @ApiProperty({ type: [String], description: `proof of RFC 9162 section 2.1.3, each ${HASH}` })
  readonly path!: readonly string[];
  @ApiProperty({ description: 'the latest signed checkpoint, whose size may be beyond that of the tree' })
  readonly checkpoint!: string;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const shown = ({ size, root }: Tree): TreeShown => ({ size, root: hex(root) });

/** Names the field of a question about a smaller log that is no smaller. */
const requireAtMost = (field: string, value: number, most: number | undefined, what: string): void => {
  if (most === undefined || value <= most) return;
  const allowed = `at most ${most}, ${what}`;
  throw new InvalidRequest(`${field}: ${value} is not allowed: ${allowed}`, { field, value, allowed }, 400);
};

/** Proofs about the published log for programs; the tiles beside it are what they follow from. */
@ApiTags('log')
@Controller('log')
@Allow('viewer')
export class ProofsApi {
  constructor(private readonly tiles: TileStore) {}

  @Get('consistency')
  @ApiOperation({ summary: 'That the log of one size begins with the log of a smaller one (RFC 9162)' })
  @ApiOkResponse({ type: ConsistencyShown })
  @Refuses(400, 404)
  async consistency(@Query() { from, to }: ConsistencyQuery): Promise<ConsistencyShown> {
    requireAtMost('from', from, to, '`to`');
    const proof = await proveConsistency(this.tiles, from, to);
    const { signed, path } = proof;
    return { from: shown(proof.from), to: shown(proof.to), path: path.map(hex), checkpoint: signed.text };
  }

  @Get('inclusion')
  @ApiOperation({ summary: 'That a record is in the log of some size (RFC 9162)' })
  @ApiOkResponse({ type: InclusionShown })
  @Refuses(400, 404)
  async inclusion(@Query() { index, size }: InclusionQuery): Promise<InclusionShown> {
    requireAtMost('index', index, size === undefined ? undefined : size - 1, 'the last of so many records');
    const { leaf, to, path, signed } = await proveInclusion(this.tiles, index, size);
    return { index, leaf: hex(leaf), to: shown(to), path: path.map(hex), checkpoint: signed.text };
  }
}
