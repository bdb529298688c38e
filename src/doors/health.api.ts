import { Controller, Get, Header, Res } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOkResponse,
  ApiProperty,
  ApiProduces,
  ApiServiceUnavailableResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { BUILD } from './actors.js';
import { Allow, Open } from './allow.js';
import { Figures } from './figures.js';
import { Readiness } from './readiness.js';

export class Alive {
  @ApiProperty({ enum: ['alive'] })
  readonly status!: 'alive';
}

export class ReadyPart {
  @ApiProperty()
  readonly ready!: boolean;
  @ApiProperty({ description: 'what there is to say, and what to do where it is not ready' })
  readonly detail!: string;
}

@ApiExtraModels(ReadyPart)
export class Ready {
  @ApiProperty()
  readonly ready!: boolean;
  @ApiProperty({ type: 'object', additionalProperties: { $ref: getSchemaPath(ReadyPart) } })
  readonly parts!: Readonly<Record<string, ReadyPart>>;
}

export class Version {
  @ApiProperty({ example: 'prometheus-ledger' })
  readonly name!: string;
  @ApiProperty({ example: '0.1.0' })
  readonly version!: string;
  @ApiProperty({ description: 'as records carry it' })
  readonly build!: string;
  @ApiProperty({ example: 'v20.20.0' })
  readonly node!: string;
}

@ApiTags('service')
@Controller()
export class HealthApi {
  constructor(
    private readonly readiness: Readiness,
    private readonly figures: Figures,
  ) {}

  /** Whether the process answers at all; says nothing about what it can do. */
  @Get('livez')
  @Open()
  @ApiOkResponse({ type: Alive })
  livez(): Alive {
    return { status: 'alive' };
  }

  /** Whether every part can do its work, each with its state: log, disk, read models, loop, trainer. */
  @Get('readyz')
  @Open()
  @Header('cache-control', 'no-store')
  @ApiOkResponse({ type: Ready })
  @ApiServiceUnavailableResponse({ type: Ready })
  async readyz(@Res({ passthrough: true }) reply: FastifyReply): Promise<Ready> {
    const state = await this.readiness.state();
    void reply.code(state.ready ? 200 : 503);
    return state;
  }

  @Get('version')
  @Allow('viewer', 'operator', 'auditor', 'trainer')
  @ApiOkResponse({ type: Version })
  version(): Version {
    const [name = '', version = ''] = BUILD.split('/');
    return { name, version, build: BUILD, node: process.version };
  }

  /** For Prometheus: the process, and what the log says of its runs. */
  @Get('metrics')
  @Allow('viewer')
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const { text, type } = await this.figures.shown();
    void reply.type(type);
    return text;
  }
}
