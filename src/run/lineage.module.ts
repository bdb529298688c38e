import { Module } from '@nestjs/common';
import { CheckpointQuestions } from './checkpoint.view.js';
import { CheckpointApi, LineageApi } from './lineage.api.js';
import { LineageQuestions } from './lineage.view.js';

const QUESTIONS = [LineageQuestions, CheckpointQuestions];

/** Questions about lineages and about where checkpoints come from. */
@Module({ controllers: [LineageApi, CheckpointApi], providers: QUESTIONS, exports: QUESTIONS })
export class LineageModule {}
