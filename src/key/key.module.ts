import { Module } from '@nestjs/common';
import { RegisterKeyHandler } from './register-key.js';
import { RevokeKeyHandler } from './revoke-key.js';

@Module({ providers: [RegisterKeyHandler, RevokeKeyHandler] })
export class KeyModule {}
