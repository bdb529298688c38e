import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { CorpusApi, TEXT_LINES } from './corpus.api.js';

/** Text that comes over HTTP. */
@Module({ controllers: [CorpusApi] })
export class CorpusDoorsModule implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

  /** Taken as it comes, since it may be more than one string can hold. */
  onModuleInit(): void {
    this.host.httpAdapter
      .getInstance()
      .addContentTypeParser(TEXT_LINES, (_request, payload, done) => done(null, payload));
  }
}
