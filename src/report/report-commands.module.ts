import { Module } from '@nestjs/common';
import { PublishReportHandler } from './publish-report.js';

/** What publishes reports. */
@Module({ providers: [PublishReportHandler] })
export class ReportCommandsModule {}
