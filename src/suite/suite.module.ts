import { Module } from '@nestjs/common';
import { SuiteApi } from './suite.api.js';
import { SuiteQuestions } from './suite.view.js';

/** Questions about sealed suites. */
@Module({ controllers: [SuiteApi], providers: [SuiteQuestions], exports: [SuiteQuestions] })
export class SuiteModule {}
