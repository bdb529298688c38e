import { Module } from '@nestjs/common';
import { ConstitutionsApi } from './constitutions.api.js';

/** Constitutions over HTTP. */
@Module({ controllers: [ConstitutionsApi] })
export class ConstitutionDoorsModule {}
