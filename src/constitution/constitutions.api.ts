import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Int, ObjectType } from '@nestjs/graphql';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsObject, Matches } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Allow } from '#doors/allow.js';
import { From } from '#doors/caller.js';
import { dispatch, InvalidRequest } from '#doors/dispatch.js';
import type { Origin } from '#doors/origin.js';
import { NotFound } from '#doors/problem.js';
import { Refuses } from '#doors/problems.js';
import { Shown } from '#doors/shown.js';
import { SignedReason } from '#doors/signed.js';
import { Repeatable } from '#doors/repeatable.js';
import { Log } from '#ledger/log.js';
import { NAME } from '#ledger/schema.js';
import { AmendConstitution, type Amended } from './amend-constitution.js';
import { defaultConstitution } from './domain/document.js';
import { constitutionJsonSchema } from './domain/json-schema.js';
import { EnactConstitution, type Enacted } from './enact-constitution.js';
import { knownConstitutions } from './known-constitutions.js';

const { $schema: _dialect, ...DOCUMENT } = constitutionJsonSchema();

class ConstitutionPath {
  @ApiProperty({ pattern: NAME.source, example: 'default' })
  @Matches(NAME)
  readonly constitution!: string;
}

export class AmendmentRequest extends SignedReason {
  @ApiProperty({ ...DOCUMENT, description: 'the whole new document, under the name that is amended' })
  @IsObject()
  readonly document!: object;
}

@ObjectType('ConstitutionChange')
export class ChangeShown {
  @Shown(() => String, { example: 'alphaPlan.kMax' })
  readonly path!: string;
  @Shown(() => String, { nullable: true, description: 'JSON; null where it was absent' })
  readonly before!: string | null;
  @Shown(() => String, { nullable: true, description: 'JSON; null where it is absent' })
  readonly after!: string | null;
}

@ObjectType({ isAbstract: true })
export class ConstitutionInForce {
  @Shown(() => String)
  readonly constitution!: string;
  @Shown(() => Int, { minimum: 1 })
  readonly version!: number;
}

@ObjectType('ConstitutionAmended')
export class ConstitutionAmendedNow extends ConstitutionInForce {
  @Shown(() => ChangeShown, { isArray: true })
  readonly changes!: readonly ChangeShown[];
  @Shown(() => String, { isArray: true, description: 'whose signatures it has' })
  readonly signers!: readonly string[];
}

export class ConstitutionVersionShown {
  @ApiProperty({ type: 'integer', minimum: 1 })
  readonly version!: number;
  @ApiProperty({ format: 'date-time' })
  readonly since!: string;
  @ApiProperty({ description: 'who put it in force' })
  readonly by!: string;
  @ApiProperty({ type: String, nullable: true, description: 'why it was amended; null of the first version' })
  readonly reason!: string | null;
  @ApiProperty({ type: [String], description: 'who signed it; nobody the first version' })
  readonly signers!: readonly string[];
  @ApiProperty({ type: [ChangeShown] })
  readonly changes!: readonly ChangeShown[];
  @ApiProperty(DOCUMENT)
  readonly document!: object;
}

export class ConstitutionShown {
  @ApiProperty()
  readonly constitution!: string;
  @ApiProperty({ type: [ConstitutionVersionShown], description: 'the first to the latest' })
  readonly versions!: readonly ConstitutionVersionShown[];
}

/** The rules that changes of a model are judged by. */
@ApiTags('constitutions')
@Controller('constitutions')
@Allow('viewer', 'operator', 'auditor')
@Repeatable()
export class ConstitutionsApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly log: Log,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listConstitutions', summary: 'Every constitution with all its versions' })
  @ApiOkResponse({ type: [ConstitutionShown] })
  list(): Promise<readonly ConstitutionShown[]> {
    return knownConstitutions(this.log);
  }

  @Get('schema')
  @ApiOperation({ operationId: 'constitutionSchema', summary: 'JSON Schema of a constitution as a person writes it' })
  @ApiOkResponse({ schema: { type: 'object' } })
  schema(): object {
    return constitutionJsonSchema();
  }

  @Get(':constitution')
  @ApiOperation({ operationId: 'showConstitution', summary: 'One constitution with all its versions' })
  @ApiOkResponse({ type: ConstitutionShown })
  @Refuses(404)
  async show(@Param() { constitution }: ConstitutionPath): Promise<ConstitutionShown> {
    const found = (await knownConstitutions(this.log)).find((one) => one.constitution === constitution);
    if (found) return found;
    throw new NotFound(`constitution "${constitution}" does not exist; GET /v1/constitutions lists those there are`);
  }

  @Post()
  @Allow('operator')
  @ApiOperation({ summary: 'Put a constitution under a new name in force' })
  @ApiBody({ schema: DOCUMENT })
  @ApiCreatedResponse({ type: ConstitutionInForce })
  @Refuses(400, 409, 422)
  async enact(
    @Body() document: unknown,
    @From() origin: Origin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Enacted> {
    const enacted = await dispatch(this.bus, new EnactConstitution(document, origin));
    void reply.header('location', `/v1/constitutions/${enacted.constitution}`);
    return enacted;
  }

  @Post(':constitution/amendments')
  @HttpCode(201)
  @Allow('operator')
  @ApiOperation({ summary: 'Put a new version in force for runs to come, with the signatures of people' })
  @ApiCreatedResponse({ type: ConstitutionAmendedNow })
  @Refuses(400, 409, 422)
  amend(
    @Param() { constitution }: ConstitutionPath,
    @Body() { document, reason, signatures }: AmendmentRequest,
    @From() origin: Origin,
  ): Promise<Amended> {
    const { name = defaultConstitution.name } = document as { name?: unknown };
    if (name !== constitution) {
      const allowed = `"${constitution}", the name in the address`;
      const misfit = { field: 'document.name', value: name, allowed };
      throw new InvalidRequest(`document.name: ${JSON.stringify(name)} is not allowed: ${allowed}`, misfit);
    }
    return dispatch(this.bus, new AmendConstitution(document, reason, signatures, origin));
  }
}
