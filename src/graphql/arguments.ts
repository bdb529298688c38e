import { ArgsType, Field, Int, registerEnumType } from '@nestjs/graphql';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsISO8601, IsOptional, Length, Matches, Max, Min } from 'class-validator';
import { MOST_RUNS } from '#experiment/envelope-questions.js';
import { SOURCES, type Source } from '#experiment/domain/readings.js';
import { NAME } from '#run/domain/config.js';
import { METRIC, REFERENCES } from '#run/drift.view.js';
import { TIME } from '#run/live.view.js';
import { LAST_CYCLE, TYPES } from '#run/timeline.view.js';
import { ROLES, type Role } from '#suite/domain/events.js';
import { ConnectionArgs, RootConnectionArgs } from './connection.js';

export const Order = { asc: 'asc', desc: 'desc' } as const;
export type Order = keyof typeof Order;
registerEnumType(Order, { name: 'Order' });

export const RunStatus = { running: 'running', halted: 'halted', completed: 'completed' } as const;
export type RunStatus = keyof typeof RunStatus;
registerEnumType(RunStatus, { name: 'RunStatus' });

const CHECKPOINT = /^[0-9a-f]{64}$/;
const LONGEST_NAME = 200;
const AS_OF = 'answer as of this position of the log; default: as far as the service has read';

/** What a question about one thing takes. */
@ArgsType()
export class AsOfArgs {
  @Field(() => Int, { nullable: true, description: AS_OF })
  @IsOptional()
  @IsInt()
  @Min(0)
  readonly asOf?: number | null;
}

@ArgsType()
export class RunArgs extends AsOfArgs {
  @Field(() => String, { description: 'name of the run' })
  @Matches(NAME, { message: 'a run is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly name!: string;
}

@ArgsType()
export class ExperimentArgs extends AsOfArgs {
  @Field(() => String, { description: 'name of the experiment' })
  @Matches(NAME, { message: 'an experiment is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly name!: string;
}

@ArgsType()
export class DistillationArgs extends AsOfArgs {
  @Field(() => String, { description: 'name of the distillation' })
  @Matches(NAME, { message: 'a distillation is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly name!: string;
}

@ArgsType()
export class DistillationsArgs extends RootConnectionArgs {
  @Field(() => String, { nullable: true, description: 'only those of this registered experiment' })
  @IsOptional()
  @Matches(NAME, { message: 'an experiment is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly experiment?: string | null;
}

@ArgsType()
export class RunsArgs extends RootConnectionArgs {
  @Field(() => RunStatus, { nullable: true })
  @IsOptional()
  @IsIn(Object.keys(RunStatus))
  readonly status?: RunStatus | null;

  @Field(() => Order, { defaultValue: Order.desc, description: 'by the time they were started' })
  @IsIn(Object.keys(Order))
  readonly orderBy!: Order;
}

@ArgsType()
export class CycleArgs {
  @Field(() => Int, { description: 'number of the cycle; 0 is the base' })
  @IsInt()
  @Min(0)
  @Max(LAST_CYCLE)
  readonly cycle!: number;
}

/** An optional argument that was left out, or given as null, as REST leaves it out. */
export const given = <T extends object>(args: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null && value !== undefined)) as never;

@ArgsType()
export class DriftArgs extends ConnectionArgs {
  @Field(() => String, { nullable: true, description: 'only this metric, such as kl-to-champion' })
  @IsOptional()
  @Matches(METRIC)
  readonly metric?: string | null;

  @Field(() => String, { nullable: true, description: `only against one of: ${REFERENCES.join(', ')}` })
  @IsOptional()
  @IsIn(REFERENCES)
  readonly reference?: (typeof REFERENCES)[number] | null;
}

@ArgsType()
export class TimelineArgs extends ConnectionArgs {
  @Field(() => String, { nullable: true, description: 'only events of this type' })
  @IsOptional()
  @IsIn(TYPES)
  readonly type?: string | null;

  @Field(() => Int, { nullable: true, description: 'only this cycle; 0 is the base' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(LAST_CYCLE)
  readonly cycle?: number | null;

  @Field(() => Order, { defaultValue: Order.asc, description: 'by position' })
  @IsIn(Object.keys(Order))
  readonly orderBy!: Order;
}

@ArgsType()
export class LiveArgs {
  @Field(() => Int, { nullable: true, description: 'a position of the log; default: that of the answer' })
  @IsOptional()
  @IsInt()
  @Min(0)
  readonly position?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'instead: the last record that is not later, RFC 3339, such as 2026-03-01T12:00:00Z',
  })
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  @Matches(TIME, { message: 'time must be RFC 3339 with a zone, such as 2026-03-01T12:00:00Z' })
  readonly time?: string | null;
}

@ArgsType()
export class EnvelopeArgs {
  @Field(() => [String], {
    nullable: true,
    description: `further runs of the same arm with other seeds, at most ${MOST_RUNS}`,
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_RUNS)
  @Matches(NAME, { each: true })
  readonly runs?: readonly string[] | null;

  @Field(() => String, {
    nullable: true,
    description: `what the curves are measured on: ${SOURCES.join(' or ')}; default: report once every run's look is complete`,
  })
  @IsOptional()
  @IsIn(SOURCES)
  readonly source?: Source | null;
}

@ArgsType()
export class RootArgs extends AsOfArgs {
  @Field(() => String, { description: 'the run that the lineage begins with' })
  @Matches(NAME, { message: 'a run is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly root!: string;
}

@ArgsType()
export class CheckpointArgs extends AsOfArgs {
  @Field(() => String, { description: 'SHA-256 of the weights' })
  @Matches(CHECKPOINT, { message: 'a checkpoint is named by 64 lower-case hex digits' })
  readonly checkpoint!: string;
}

@ArgsType()
export class SuitesArgs extends RootConnectionArgs {
  @Field(() => String, { nullable: true, description: `only of one role: ${ROLES.join(', ')}` })
  @IsOptional()
  @IsIn(ROLES)
  readonly role?: Role | null;
}

@ArgsType()
export class SuiteArgs extends AsOfArgs {
  @Field(() => String, { description: 'name of the suite' })
  @Matches(NAME, { message: 'a suite is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly name!: string;
}

@ArgsType()
export class LogArgs extends RootConnectionArgs {
  @Field(() => Int, { nullable: true, description: 'position to begin at' })
  @IsOptional()
  @IsInt()
  @Min(1)
  readonly from?: number | null;

  @Field(() => Order, { defaultValue: Order.asc, description: 'by position' })
  @IsIn(Object.keys(Order))
  readonly orderBy!: Order;

  @Field(() => String, { nullable: true, description: 'only records of this stream, such as run-demo' })
  @IsOptional()
  @Length(1, LONGEST_NAME)
  readonly stream?: string | null;

  @Field(() => String, { nullable: true, description: 'only events of this type, such as VerdictReached' })
  @IsOptional()
  @Length(1, LONGEST_NAME)
  readonly type?: string | null;
}

@ArgsType()
export class PositionArgs {
  @Field(() => Int, { description: 'place in the log, from 1' })
  @IsInt()
  @Min(1)
  readonly position!: number;
}

@ArgsType()
export class FollowArgs {
  @Field(() => String, { nullable: true, description: 'only of this run' })
  @IsOptional()
  @Matches(NAME)
  readonly run?: string | null;
}

@ArgsType()
export class EventsArgs extends FollowArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'begin after this position; 0: from the first record. Default: only what comes',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  readonly after?: number | null;
}
