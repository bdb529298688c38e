import { Module } from '@nestjs/common';
import { MemoryApi } from './memory.api.js';
import { MemoryQuestions } from './memory-questions.js';

/** Questions about what runs remember. */
@Module({ controllers: [MemoryApi], providers: [MemoryQuestions], exports: [MemoryQuestions] })
export class MemoryModule {}
