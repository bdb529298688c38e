import { Module } from '@nestjs/common';
import { AmendConstitutionHandler } from './amend-constitution.js';

@Module({ providers: [AmendConstitutionHandler] })
export class ConstitutionModule {}
