import { Module } from '@nestjs/common';
import { RegisterExperimentHandler } from './register-experiment.js';

/** What registers experiments and concludes them. */
@Module({ providers: [RegisterExperimentHandler] })
export class ExperimentCommandsModule {}
