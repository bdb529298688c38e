import { generateKeyPairSync } from 'node:crypto';
import { Turn } from '#doors/turn.js';
import type { Signed, Statement } from '#key/domain/signing.js';
import { registrationStatement } from '#key/domain/signing.js';
import { RegisterKey, RegisterKeyHandler } from '#key/register-key.js';
import { RevokeKey, RevokeKeyHandler } from '#key/revoke-key.js';
import { ed25519, publicHalf, signStatement } from '#ledger/ed25519.js';
import type { Ledger } from '#ledger/ledger.js';

export type Person = Readonly<{
  name: string;
  keyId: string;
  publicKey: string;
  signs: (statement: Statement) => Signed;
}>;

/** Somebody with a key of their own. */
export const person = (name: string): Person => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = publicHalf(privateKey);
  const keyId = ed25519.fingerprint(publicKey) ?? '';
  return { name, keyId, publicKey, signs: (statement) => ({ name, signature: signStatement(statement, privateKey) }) };
};

const origin = { requester: 'owner' };

/** The keys of a log, brought by the commands themselves. */
export class Keys {
  constructor(
    private readonly ledger: Ledger,
    private readonly turn = new Turn(),
  ) {}

  async register(whose: Person, ...signers: readonly Person[]): Promise<void> {
    const signatures = signers.map(({ signs }) => signs(registrationStatement(whose)));
    const command = new RegisterKey(whose.name, whose.publicKey, signatures, origin);
    await new RegisterKeyHandler(this.ledger, this.turn).execute(command);
  }

  async revoke({ name }: Person): Promise<void> {
    await new RevokeKeyHandler(this.ledger, this.turn).execute(new RevokeKey(name, 'lost', origin));
  }
}
