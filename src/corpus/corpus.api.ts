import { Controller, Param, Put, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Allow } from '#doors/allow.js';
import { bytesOf } from '#doors/bytes-of.js';
import { From } from '#doors/caller.js';
import { byOrigin, type Origin as Sender } from '#doors/origin.js';
import { Refuses } from '#doors/problems.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Ledger } from '#ledger/ledger.js';
import { CorpusPath, CorpusTerms, CorpusView } from './corpus.view.js';
import type { RegisteredCorpus } from './domain/corpus.js';
import type { Origin } from './domain/events.js';
import { takeCorpus } from './take-corpus.js';
import { MOST_UPLOADED_BYTES } from './uploaded-files.js';

export const TEXT_LINES = 'application/x-ndjson';

const viewOf = (registered: RegisteredCorpus): CorpusView => {
  const { corpus, text, index, bytes, documents, splits } = registered;
  const { duplicatesLeftOut, tinyLeftOut, filesSkipped, licence, source, origin } = registered;
  const counts = { duplicatesLeftOut, tinyLeftOut, filesSkipped };
  return {
    corpus,
    text,
    index,
    bytes,
    documents,
    splits,
    ...counts,
    licence,
    source,
    model: origin.kind === 'synthetic' ? origin.model : null,
  };
};

@ApiTags('corpora')
@Controller('corpora')
@Refuses(400, 409, 413, 415, 422)
export class CorpusApi {
  constructor(
    private readonly ledger: Ledger,
    private readonly artifacts: Artifacts,
  ) {}

  @Put(':corpus')
  @Allow('operator')
  @ApiOperation({
    operationId: 'registerCorpus',
    summary: 'Text for runs to learn from: a run file names it as { registered: NAME }',
    description:
      'One file a line, {"name", "text"}; at most 256 MiB of text, 512 MiB as JSON. The service cuts it into documents and gives each its split. A name stands for the same text for ever: the same again changes nothing, other text is refused.',
  })
  @ApiConsumes(TEXT_LINES)
  @ApiBody({ schema: { type: 'string', example: '{"name": "first.txt", "text": "Once upon a time …"}' } })
  @ApiOkResponse({ type: CorpusView })
  async register(
    @Param() { corpus }: CorpusPath,
    @Query() { licence = 'not stated', source = corpus, filesSkipped = 0, model }: CorpusTerms,
    @Req() request: FastifyRequest,
    @From() sender: Sender,
  ): Promise<CorpusView> {
    const lines = bytesOf(request, MOST_UPLOADED_BYTES, TEXT_LINES);
    const origin: Origin = model === undefined ? { kind: 'human' } : { kind: 'synthetic', model };
    const terms = { origin, licence, source, filesSkipped };
    const { ledger, artifacts } = this;
    return viewOf(await takeCorpus(ledger, artifacts, corpus, lines, terms, byOrigin(sender)));
  }
}
