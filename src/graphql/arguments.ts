import { ArgsType, Field, Int, registerEnumType } from '@nestjs/graphql';
import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { NAME } from '#run/domain/config.js';
import { LAST_CYCLE } from '#run/timeline.view.js';
import { RootConnectionArgs } from './connection.js';

export const Order = { asc: 'asc', desc: 'desc' } as const;
export type Order = keyof typeof Order;
registerEnumType(Order, { name: 'Order' });

export const RunStatus = { running: 'running', halted: 'halted', completed: 'completed' } as const;
export type RunStatus = keyof typeof RunStatus;
registerEnumType(RunStatus, { name: 'RunStatus' });

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
