import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Log } from '#ledger/log.js';
import { leafHash, MerkleTree } from '#ledger/merkle.js';
import type { LogHead } from './log.view.js';

/** The Merkle tree over the log, carried on from question to question: only what is new is hashed. */
export class LogTree implements OnApplicationBootstrap {
  private readonly tree = new MerkleTree();
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly log: Log) {}

  /** Begins at once, so that the first question need not wait for the whole log. */
  onApplicationBootstrap(): void {
    void this.head().catch(() => undefined);
  }

  /** @throws LogDamaged, LogClosed */
  async head(): Promise<LogHead> {
    const read = this.turn.then(() => this.readOn());
    this.turn = read.catch(() => undefined);
    await read;
    return { size: this.tree.size, root: Buffer.from(this.tree.root()).toString('hex') };
  }

  private async readOn(): Promise<void> {
    for await (const { bytes } of this.log.readAll({ from: this.tree.size + 1 })) this.tree.append(leafHash(bytes));
  }
}
