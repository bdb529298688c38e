import { Controller, Get, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Allow } from '#doors/allow.js';
import { OCTETS } from '#doors/bytes-of.js';
import { NotFound } from '#doors/problem.js';
import { Refuses } from '#doors/problems.js';
import { parseTilePath, TileInvalid } from '#ledger/tile.js';
import { TileStore } from '#ledger/tile-store.js';

const TEXT = 'text/plain; charset=utf-8';
/** Paths that stand without the version, since the formats name them. */
export const TLOG_PATHS = ['log/checkpoint', 'log/key.pub', 'log/tile/*path'];

/** The log in the form of c2sp.org/tlog-tiles: whoever has the key of the log can check all of it with tools of others. */
@ApiTags('log')
@Controller('log')
@Allow('viewer')
export class TlogApi {
  constructor(private readonly tiles: TileStore) {}

  @Get('checkpoint')
  @ApiOperation({ summary: 'The latest signed checkpoint (c2sp.org/tlog-checkpoint)' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @Refuses(404)
  checkpoint(@Res({ passthrough: true }) reply: FastifyReply): Promise<StreamableFile> {
    return this.text('checkpoint', reply);
  }

  @Get('key.pub')
  @ApiOperation({
    summary: 'The key that checkpoints are signed with (c2sp.org/signed-note); one kept elsewhere proves more',
  })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @Refuses(404)
  key(@Res({ passthrough: true }) reply: FastifyReply): Promise<StreamableFile> {
    return this.text('key.pub', reply);
  }

  @Get('tile/*')
  @ApiOperation({ summary: 'A tile of hashes or of entries (c2sp.org/tlog-tiles)' })
  @ApiParam({ name: '*', schema: { type: 'string' }, example: '0/000.p/12' })
  @ApiOkResponse({ content: { [OCTETS]: { schema: { type: 'string', format: 'binary' } } } })
  @Refuses(404)
  async tile(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<StreamableFile> {
    const path = url.slice(url.indexOf('/tile/') + 1).replace(/\?.*$/, '');
    const bytes = await this.find(path);
    void reply.header('cache-control', 'private, max-age=31536000, immutable');
    return new StreamableFile(bytes, { type: OCTETS, length: bytes.length });
  }

  private async text(path: string, reply: FastifyReply): Promise<StreamableFile> {
    const bytes = await this.tiles.read(path);
    if (!bytes) throw new NotFound('nothing is signed yet; a checkpoint follows the first records within seconds');
    void reply.header('cache-control', 'no-cache');
    return new StreamableFile(bytes, { type: TEXT, length: bytes.length });
  }

  private async find(path: string): Promise<Uint8Array> {
    try {
      parseTilePath(path);
    } catch (error) {
      if (!(error instanceof TileInvalid)) throw error;
      throw new NotFound(error.message);
    }
    const bytes = await this.tiles.read(path);
    if (!bytes) throw new NotFound(`${path}: no such tile; a partial one goes when the full one is there`);
    return bytes;
  }
}
