import { Module } from '@nestjs/common';
import { AmendConstitutionHandler } from './amend-constitution.js';
import { EnactConstitutionHandler } from './enact-constitution.js';

@Module({ providers: [AmendConstitutionHandler, EnactConstitutionHandler] })
export class ConstitutionModule {}
