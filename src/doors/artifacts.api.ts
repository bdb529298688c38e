import { Controller, Get, HttpCode, Param, Put, Req, Res, StreamableFile } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Matches } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ArtifactDamaged, Artifacts } from '#ledger/artifacts.js';
import { Allow, type Identity } from './allow.js';
import { bytesOf, OCTETS } from './bytes-of.js';
import { Caller } from './caller.js';
import { HttpProblem } from './problem.js';
import { Refuses } from './problems.js';
import { SealedArtifacts, type Sealing } from './sealed-artifacts.js';

/** One checkpoint of the largest model there can be takes less. */
const MOST_BYTES = 2 * 1024 ** 3;
const SHA256 = /^[0-9a-f]{64}$/;

export class ArtifactPath {
  @Matches(SHA256, { message: 'an artifact is named by 64 lower-case hex digits' })
  readonly sha!: string;
}

const underSeal = (sha: string, { what, suite, openRuns, used }: Sealing, why: string): HttpProblem => {
  const until = used ? `its runs (still under way: ${openRuns.join(', ') || 'none'})` : 'the run it was sealed for';
  return new HttpProblem(
    403,
    'sealed',
    'This is under seal',
    `artifact ${sha} holds the ${what} ${suite}: ${why}; auditors may read it once ${until} have been completed`,
  );
};

@ApiTags('artifacts')
@Controller('artifacts')
export class ArtifactsApi {
  constructor(
    private readonly artifacts: Artifacts,
    private readonly sealed: SealedArtifacts,
  ) {}

  @Get(':sha')
  @Allow('viewer')
  @ApiOperation({ summary: 'The bytes of an artifact, checked against its name' })
  @ApiParam({ name: 'sha', schema: { type: 'string', pattern: SHA256.source } })
  @ApiOkResponse({ content: { [OCTETS]: { schema: { type: 'string', format: 'binary' } } } })
  @Refuses(400, 404, 410)
  async get(
    @Param() { sha }: ArtifactPath,
    @Caller() { roles }: Identity,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const sealing = await this.sealed.sealing(sha);
    if (sealing && !roles.includes('auditor')) throw underSeal(sha, sealing, 'you are no auditor');
    if (sealing && (sealing.openRuns.length > 0 || !sealing.used)) throw underSeal(sha, sealing, 'it is still in use');
    const bytes = await this.artifacts.get(sha);
    void reply.headers({ etag: `"${sha}"`, 'cache-control': 'private, max-age=31536000, immutable' });
    return new StreamableFile(bytes, { type: OCTETS, length: bytes.length });
  }

  @Put(':sha')
  @HttpCode(204)
  @Allow('operator')
  @ApiOperation({
    operationId: 'putArtifact',
    summary: 'Bytes under their own SHA-256, such as a checkpoint that a run is to begin from; at most 2 GiB',
  })
  @ApiParam({ name: 'sha', schema: { type: 'string', pattern: SHA256.source } })
  @ApiConsumes(OCTETS)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiNoContentResponse({ description: 'kept' })
  @Refuses(400, 410, 413, 415, 422)
  async put(@Param() { sha }: ArtifactPath, @Req() request: FastifyRequest): Promise<void> {
    try {
      await this.artifacts.receive(sha, bytesOf(request, MOST_BYTES));
    } catch (error) {
      if (!(error instanceof ArtifactDamaged)) throw error;
      throw new HttpProblem(422, 'wrong-hash', 'The bytes have another hash', `${error.message}; send it again`);
    }
  }
}
