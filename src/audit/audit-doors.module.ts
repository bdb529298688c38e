import { Module } from '@nestjs/common';
import { DoorsModule } from '#doors/doors.module.js';
import { ErasureApi } from './erasure.api.js';
import { EvidenceApi } from './evidence.api.js';
import { ProofsApi } from './proofs.api.js';
import { RotationApi } from './rotation.api.js';
import { TlogApi } from './tlog.api.js';

/** What an auditor may ask. */
@Module({ imports: [DoorsModule], controllers: [EvidenceApi, TlogApi, ProofsApi, RotationApi, ErasureApi] })
export class AuditDoorsModule {}
