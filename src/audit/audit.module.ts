import { Module } from '@nestjs/common';
import { EraseArtifactHandler } from './erase-artifact.js';
import { RecordReplayHandler } from './record-replay.js';
import { RecordVerificationHandler } from './record-verification.js';

@Module({ providers: [RecordVerificationHandler, RecordReplayHandler, EraseArtifactHandler] })
export class AuditModule {}
