import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { BUILD } from './actors.js';
import { Allow, Open } from './allow.js';

export class Alive {
  @ApiProperty({ enum: ['alive'] })
  readonly status!: 'alive';
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
  /** Whether the process answers at all; says nothing about what it can do. */
  @Get('livez')
  @Open()
  @ApiOkResponse({ type: Alive })
  livez(): Alive {
    return { status: 'alive' };
  }

  @Get('version')
  @Allow('viewer', 'operator', 'auditor', 'trainer')
  @ApiOkResponse({ type: Version })
  version(): Version {
    const [name = '', version = ''] = BUILD.split('/');
    return { name, version, build: BUILD, node: process.version };
  }
}
