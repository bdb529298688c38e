import { randomUUID } from 'node:crypto';
import { Ids } from '#ledger/ports.js';

/** Random UUIDs (version 4). */
export class RandomIds extends Ids {
  next(): string {
    return randomUUID();
  }
}
