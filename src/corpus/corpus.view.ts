import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { asWhole } from '#doors/page.js';
import { NAME } from '#ledger/schema.js';

const NAME_RULE = { message: 'must be 1 to 63 of a-z, 0-9, "." and "-", and begin with a letter or digit' };
const SHA256 = /^[0-9a-f]{64}$/;
const MOST_SKIPPED = 1_000_000_000;

export class CorpusPath {
  @ApiProperty({ description: 'what runs call the text', example: 'mine', pattern: NAME.source })
  @Matches(NAME, NAME_RULE)
  readonly corpus!: string;
}

export class CorpusTerms {
  @ApiPropertyOptional({ description: 'under which licence the text is', default: 'not stated', maxLength: 200 })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly licence?: string;

  @ApiPropertyOptional({ description: "where it comes from, such as a file's name; default: the name of the corpus" })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  readonly source?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'files beside it that are no text', default: 0 })
  @IsOptional()
  @Transform(asWhole)
  @IsInt()
  @Min(0)
  @Max(MOST_SKIPPED)
  readonly filesSkipped?: number;

  @ApiPropertyOptional({
    description: 'SHA-256 of the weights of the model that wrote the text; without it people did',
    pattern: SHA256.source,
  })
  @IsOptional()
  @Matches(SHA256, { message: 'must be the SHA-256 of weights, 64 hex digits' })
  readonly model?: string;
}

/** A corpus as the log has it. */
export class CorpusView {
  @ApiProperty()
  readonly corpus!: string;
  @ApiProperty({ description: 'artifact: the documents one after another' })
  readonly text!: string;
  @ApiProperty({ description: 'artifact: the place and the split of every document, as JSON' })
  readonly index!: string;
  @ApiProperty({ type: 'integer' })
  readonly bytes!: number;
  @ApiProperty({ type: 'integer' })
  readonly documents!: number;
  @ApiProperty({
    type: 'object',
    description: 'documents and bytes of each split: train, scout, gate, shadow, report',
    additionalProperties: {
      type: 'object',
      required: ['documents', 'bytes'],
      properties: { documents: { type: 'integer' }, bytes: { type: 'integer' } },
    },
  })
  readonly splits!: Readonly<Record<string, Readonly<{ documents: number; bytes: number }>>>;
  @ApiProperty({ type: 'integer', description: 'copies and near-copies' })
  readonly duplicatesLeftOut!: number;
  @ApiProperty({ type: 'integer', description: 'too short to be a document' })
  readonly tinyLeftOut!: number;
  @ApiProperty({ type: 'integer' })
  readonly filesSkipped!: number;
  @ApiProperty()
  readonly licence!: string;
  @ApiProperty()
  readonly source!: string;
  @ApiProperty({ type: 'string', nullable: true, description: 'the model that wrote it; null: people did' })
  readonly model!: string | null;
}
