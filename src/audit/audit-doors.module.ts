import { Module } from '@nestjs/common';
import { DoorsModule } from '#doors/doors.module.js';
import { EvidenceApi } from './evidence.api.js';

/** What an auditor may ask. */
@Module({ imports: [DoorsModule], controllers: [EvidenceApi] })
export class AuditDoorsModule {}
