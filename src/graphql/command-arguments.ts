import { ArgsType, Field } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsDefined, IsObject, IsOptional, IsString, Matches, ValidateNested } from 'class-validator';
import { GraphQLScalarType, valueFromASTUntyped } from 'graphql';
import { Reason } from '#doors/reason.js';
import { SignedReason } from '#doors/signed.js';
import { KeyRequest } from '#key/keys.api.js';
import { RollbackRequest } from '#loop/run-commands.js';
import { NAME } from '#run/domain/config.js';

/** Read by the same schema as everywhere else; here it is only JSON. */
const jsonOf = (name: string, description: string): GraphQLScalarType =>
  new GraphQLScalarType({
    name,
    description,
    parseValue: (value) => value,
    // A literal comes as objects without a prototype; JSON is what a schema is for.
    parseLiteral: (node, variables) =>
      JSON.parse(JSON.stringify(valueFromASTUntyped(node, variables) ?? null)) as unknown,
  });

const RunFile = jsonOf('RunFile', 'a run file as JSON: the body of POST /v1/runs, which /openapi.json describes');
const ConstitutionDocument = jsonOf(
  'ConstitutionDocument',
  'a constitution as JSON: the body of POST /v1/constitutions, which /v1/constitutions/schema describes',
);

/** A command may be named here instead of in the header Idempotency-Key, so that one request can hold several. */
@ArgsType()
export class CommandArgs {
  @Field(() => String, { nullable: true, description: 'a name for this command; its repetition is carried out once' })
  @IsOptional()
  @IsString()
  readonly idempotencyKey?: string | null;
}

@ArgsType()
export class StartRunArgs extends CommandArgs {
  @Field(() => RunFile)
  @IsDefined()
  readonly file!: unknown;
}

@ArgsType()
class RunCommandArgs extends CommandArgs {
  @Field(() => String, { description: 'name of the run' })
  @Matches(NAME, { message: 'a run is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly run!: string;
}

@ArgsType()
export class ReasonedArgs extends RunCommandArgs {
  @Field(() => Reason)
  @ValidateNested()
  @Type(() => Reason)
  readonly input!: Reason;
}

@ArgsType()
export class RollbackArgs extends RunCommandArgs {
  @Field(() => RollbackRequest)
  @ValidateNested()
  @Type(() => RollbackRequest)
  readonly input!: RollbackRequest;
}

@ArgsType()
export class ResetArgs extends RunCommandArgs {
  @Field(() => SignedReason)
  @ValidateNested()
  @Type(() => SignedReason)
  readonly input!: SignedReason;
}

@ArgsType()
export class AmendArgs extends CommandArgs {
  @Field(() => ConstitutionDocument, { description: 'the whole new document, under the name that is amended' })
  @IsObject()
  readonly document!: object;

  @Field(() => SignedReason)
  @ValidateNested()
  @Type(() => SignedReason)
  readonly input!: SignedReason;
}

@ArgsType()
export class RegisterKeyArgs extends CommandArgs {
  @Field(() => KeyRequest)
  @ValidateNested()
  @Type(() => KeyRequest)
  readonly input!: KeyRequest;
}

@ArgsType()
export class RevokeKeyArgs extends CommandArgs {
  @Field(() => String, { description: 'its id, or the name of its person' })
  @IsString()
  readonly key!: string;

  @Field(() => Reason)
  @ValidateNested()
  @Type(() => Reason)
  readonly input!: Reason;
}
