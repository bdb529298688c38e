import { Module } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { Log } from '#ledger/log.js';
import { Ledger } from '#ledger/ledger.js';
import { Clock } from '#ledger/ports.js';
import { AccessTally } from './access-tally.js';
import { Admission } from './admission.js';
import { Binding } from './binding.js';
import { RightsGuard } from './rights-guard.js';
import { TokenBook } from './token-book.js';
import { TokensApi } from './tokens.api.js';

/** Who may what over HTTP. */
@Module({
  controllers: [TokensApi],
  providers: [
    { provide: TokenBook, inject: [Log], useFactory: (log: Log) => new TokenBook(log) },
    { provide: AccessTally, inject: [Ledger], useFactory: (ledger: Ledger) => new AccessTally(ledger) },
    {
      provide: Admission,
      inject: [Binding, TokenBook, AccessTally, Clock],
      useFactory: (...parts: ConstructorParameters<typeof Admission>) => new Admission(...parts),
    },
    {
      provide: APP_GUARD,
      inject: [Reflector, AccessTally],
      useFactory: (reflector: Reflector, tally: AccessTally) => new RightsGuard(reflector, tally),
    },
  ],
  exports: [Admission, AccessTally],
})
export class AccessDoorsModule {}
