import { Float, Int, ObjectType } from '@nestjs/graphql';
import { Shown } from '#doors/shown.js';
import type { Comparison } from './domain/events.js';

@ObjectType('FamilyTransfer')
export class FamilyTransferView {
  @Shown(() => String)
  readonly family!: string;
  @Shown(() => Int)
  readonly items!: number;
  @Shown(() => Int, { description: 'items whose answer greedy decoding gives to the last byte' })
  readonly exact!: number;
  @Shown(() => Float, { nullable: true, description: 'of a whole answer, nats; null: not finite' })
  readonly nllNatsMean!: number | null;
}

/** What a checkpoint does on the examination, whatever its hidden states look like. */
@ObjectType('Downstream')
export class DownstreamView {
  @Shown(() => String, { description: 'artifact with the result of every item' })
  readonly results!: string;
  @Shown(() => FamilyTransferView, { isArray: true })
  readonly families!: readonly FamilyTransferView[];
  @Shown(() => Float, { description: 'mean over the families of the share of exact answers' })
  readonly exactMean!: number;
  @Shown(() => Float, { nullable: true, description: 'null: not finite' })
  readonly generalBitsPerByte!: number | null;
}

@ObjectType('TransferInterval')
export class TransferIntervalView {
  @Shown(() => Float)
  readonly level!: number;
  @Shown(() => Float, { nullable: true })
  readonly low!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly high!: number | null;
}

@ObjectType('TransferP')
export class TransferPView {
  @Shown(() => Float, { description: 'of a difference above 0' })
  readonly above!: number;
  @Shown(() => Float, { description: 'of one below 0' })
  readonly below!: number;
  @Shown(() => Float, { description: 'of one smaller than what is of interest' })
  readonly within!: number;
}

@ObjectType('TransferComparison')
export class TransferComparisonView {
  @Shown(() => String, { description: 'a family, all-families, or general-bits-per-byte' })
  readonly measure!: string;
  @Shown(() => String, { description: 'points or percent' })
  readonly unit!: Comparison['unit'];
  @Shown(() => String, { description: 'mcnemar or paired-t' })
  readonly test!: Comparison['test'];
  @Shown(() => String, { description: 'superior, equivalent, inferior or inconclusive' })
  readonly outcome!: Comparison['outcome'];
  @Shown(() => String, {
    nullable: true,
    description: 'undecided, zeroVariance or notFinite; null where it is not inconclusive',
  })
  readonly why!: Comparison['why'];
  @Shown(() => Float, { description: 'smallest difference of interest' })
  readonly sesoi!: number;
  @Shown(() => Int, { description: 'items, blocks or documents' })
  readonly n!: number;
  @Shown(() => Float, { nullable: true, description: 'positive where the arm is better' })
  readonly estimate!: number | null;
  @Shown(() => TransferIntervalView, { nullable: true })
  readonly interval!: TransferIntervalView | null;
  @Shown(() => TransferPView, { nullable: true })
  readonly p!: TransferPView | null;
}

@ObjectType('ExaminingEnvironment')
export class ExaminingEnvironmentView {
  @Shown(() => String)
  readonly build!: string;
}

/** What a student can do, and whether that is more than without a teacher. */
@ObjectType('Transfer')
export class TransferView {
  @Shown(() => String)
  readonly arm!: string;
  @Shown(() => String, { description: 'SHA-256 of its weights' })
  readonly student!: string;
  @Shown(() => String, { nullable: true, description: 'the arm that it is held against; null for that arm itself' })
  readonly against!: string | null;
  @Shown(() => TransferComparisonView, { isArray: true })
  readonly comparisons!: readonly TransferComparisonView[];
  @Shown(() => ExaminingEnvironmentView)
  readonly env!: ExaminingEnvironmentView;
  @Shown(() => DownstreamView)
  readonly downstream!: DownstreamView;
}
