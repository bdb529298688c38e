import { Module } from '@nestjs/common';
import { EnvelopeQuestions } from './envelope-questions.js';
import { ExperimentApi } from './experiment.api.js';
import { RunFacts } from './run-facts.js';
import { SeriesQuestions } from './series-questions.js';

const QUESTIONS = [RunFacts, EnvelopeQuestions, SeriesQuestions];

/** Questions about what runs came to. */
@Module({ controllers: [ExperimentApi], providers: QUESTIONS, exports: QUESTIONS })
export class ExperimentModule {}
