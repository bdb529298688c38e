import { Module } from '@nestjs/common';
import { KeysApi } from './keys.api.js';

/** Keys over HTTP. */
@Module({ controllers: [KeysApi] })
export class KeyDoorsModule {}
