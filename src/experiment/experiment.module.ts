import { Module } from '@nestjs/common';
import { EnvelopeQuestions } from './envelope-questions.js';
import { ExperimentCommandsApi } from './experiment-commands.api.js';
import { ExperimentApi } from './experiment.api.js';
import { RunFacts } from './run-facts.js';
import { SeriesQuestions } from './series-questions.js';

const QUESTIONS = [RunFacts, EnvelopeQuestions, SeriesQuestions];

/** Questions about what runs came to, and the commands on registered experiments. */
@Module({ controllers: [ExperimentApi, ExperimentCommandsApi], providers: QUESTIONS, exports: QUESTIONS })
export class ExperimentModule {}
