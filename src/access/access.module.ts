import { Module } from '@nestjs/common';
import { IssueTokenHandler } from './issue-token.js';
import { RevokeTokenHandler } from './revoke-token.js';

@Module({ providers: [IssueTokenHandler, RevokeTokenHandler] })
export class AccessModule {}
