import { Body, Controller, Get, HttpCode, Param, Post, Put, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiNoContentResponse, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Allow, type Identity } from '#doors/allow.js';
import { bytesOf, OCTETS } from '#doors/bytes-of.js';
import { Caller } from '#doors/caller.js';
import { Refuses } from '#doors/problems.js';
import { Claims } from './claims.js';
import { planInputs } from './domain/plan.js';
import { UpdateFailed } from './trainer.js';
import {
  AbortBody,
  Claim,
  ClaimBody,
  ClaimedArtifactPath,
  ClaimPath,
  CompleteBody,
  Heartbeat,
  HeartbeatBody,
} from './trainer.view.js';

const DEFAULT_WAIT_SECONDS = 30;
const MS = 1000;

/** What trainers ask of the service; docs/trainers.md tells it in order. */
@ApiTags('trainers')
@Controller('trainer/claims')
@Allow('trainer')
@Refuses(400, 409, 422, 503)
export class TrainerApi {
  constructor(private readonly claims: Claims) {}

  /** Takes the oldest order that this trainer may have, or waits for one. */
  @Post()
  @HttpCode(200)
  @ApiOkResponse({ type: Claim })
  @ApiNoContentResponse({ description: 'no order came while it waited; ask again' })
  async claim(
    @Caller() { id: trainer }: Identity,
    @Body() { build, backend, threads, contract, waitSeconds = DEFAULT_WAIT_SECONDS }: ClaimBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Claim | undefined> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const claimant = { trainer, build, backend, threads, contract };
    const entry = await this.claims.claim(claimant, gone.signal, waitSeconds * MS);
    if (!entry) {
      void reply.code(204);
      return undefined;
    }
    const { run, cycle, epoch, plan, planHash } = entry.order;
    const { leaseSeconds } = this.claims;
    const replayable = contract !== null;
    return { run, cycle, epoch, plan, planHash, inputs: planInputs(plan), leaseSeconds, replayable };
  }

  /** An input of the claim's plan. */
  @Get(':run/:cycle/:epoch/artifacts/:sha')
  @Refuses(404)
  @ApiProduces(OCTETS)
  async input(@Caller() { id }: Identity, @Param() { sha, ...key }: ClaimedArtifactPath): Promise<StreamableFile> {
    return new StreamableFile(await this.claims.input(key, id, sha), { type: OCTETS });
  }

  /** An output: bytes under their own hash. */
  @Put(':run/:cycle/:epoch/artifacts/:sha')
  @HttpCode(204)
  @ApiConsumes(OCTETS)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiNoContentResponse({ description: 'kept' })
  upload(
    @Caller() { id }: Identity,
    @Param() { sha, ...key }: ClaimedArtifactPath,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.claims.upload(key, id, sha, bytesOf(request));
  }

  /** Extends the lease, and hears whether the update is still wanted. */
  @Post(':run/:cycle/:epoch/heartbeat')
  @HttpCode(200)
  @ApiOkResponse({ type: Heartbeat })
  heartbeat(
    @Caller() { id }: Identity,
    @Param() key: ClaimPath,
    @Body() { progress = null }: HeartbeatBody,
  ): Promise<Heartbeat> {
    return this.claims.heartbeat(key, id, progress);
  }

  /** The result is checked and recorded; answered when it is in the log. */
  @Post(':run/:cycle/:epoch/complete')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'checked, and in the log' })
  complete(
    @Caller() { id }: Identity,
    @Param() key: ClaimPath,
    @Body() { candidate, receipt = null, steps = 0, tokens = 0 }: CompleteBody,
  ): Promise<void> {
    return this.claims.complete(key, id, { candidate, receipt, steps, tokens });
  }

  /** Gives the order back, or says that the update came to nothing. */
  @Post(':run/:cycle/:epoch/abort')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'the claim is over' })
  abort(
    @Caller() { id }: Identity,
    @Param() key: ClaimPath,
    @Body() { reason, step = null, message }: AbortBody,
  ): void {
    this.claims.abort(key, id, new UpdateFailed(reason, step, message));
  }
}
