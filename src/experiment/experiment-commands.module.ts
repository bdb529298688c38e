import { Module } from '@nestjs/common';
import { ConcludeExperimentHandler } from './conclude-experiment.js';
import { RegisterExperimentHandler } from './register-experiment.js';

/** What registers experiments and concludes them. */
@Module({ providers: [RegisterExperimentHandler, ConcludeExperimentHandler] })
export class ExperimentCommandsModule {}
