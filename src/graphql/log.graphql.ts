import { Args, Query, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import { logPage, recordAt } from '#doors/log-questions.js';
import { LogTree } from '#doors/log-tree.js';
import { LogHead, LogRecord } from '#doors/log.view.js';
import { Log } from '#ledger/log.js';
import { given, LogArgs, PositionArgs } from './arguments.js';
import { connect, connectionOf, type Connection } from './connection.js';

const Records = connectionOf('LogRecord', LogRecord);

/** The records themselves, with their hashes. */
@Resolver()
@Allow('viewer', 'operator', 'auditor')
export class LogGraph {
  constructor(
    private readonly source: Log,
    private readonly tree: LogTree,
  ) {}

  @Query(() => Records, {
    nullable: true,
    description: 'records with their hashes and canonical bytes; a page of 4 MiB ends early',
  })
  log(@Args() { first, after, asOf, orderBy, ...filter }: LogArgs): Promise<Connection<LogRecord>> {
    const direction = orderBy === 'asc' ? 'forward' : 'backward';
    return connect({ first, ...given({ after, asOf }) }, (asked) =>
      logPage(this.source, { ...given(filter), ...asked, direction }),
    );
  }

  @Query(() => LogRecord, { nullable: true, description: 'the record at a position' })
  record(@Args() { position }: PositionArgs): Promise<LogRecord> {
    return recordAt(this.source, position);
  }

  @Query(() => LogHead, { nullable: true, description: 'size of the log and the RFC 6962 root over it' })
  logHead(): Promise<LogHead> {
    return this.tree.head();
  }
}
