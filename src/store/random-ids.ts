import { randomBytes, randomUUID } from 'node:crypto';
import { Ids, Secrets } from '#ledger/ports.js';

/** Random UUIDs (version 4). */
export class RandomIds extends Ids {
  next(): string {
    return randomUUID();
  }
}

const SECRET_BYTES = 32;

/** 256 bits of the machine's randomness each. */
export class RandomSecrets extends Secrets {
  next(): string {
    return randomBytes(SECRET_BYTES).toString('base64url');
  }
}
