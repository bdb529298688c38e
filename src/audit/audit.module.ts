import { Module } from '@nestjs/common';
import { RecordReplayHandler } from './record-replay.js';
import { RecordVerificationHandler } from './record-verification.js';

@Module({ providers: [RecordVerificationHandler, RecordReplayHandler] })
export class AuditModule {}
