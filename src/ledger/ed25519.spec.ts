import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { ed25519, publicHalf, signStatement, statementBytes } from './ed25519.js';

/** RFC 8032, section 7.1, test 1: the seed, and the public key that belongs to it. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const PKCS8_HEAD = '302e020100300506032b657004220420';
const der = Buffer.from(PKCS8_HEAD + SEED, 'hex');
const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
const publicKey = publicHalf(key);
const statement = { purpose: 'test', reason: 'naïve "why"', to: 2 };

describe('Ed25519 over statements', () => {
  it('knows a key by its 32 bytes', () => {
    expect(Buffer.from(publicKey, 'base64').toString('hex')).toBe(PUBLIC);
    expect(ed25519.fingerprint(publicKey)).toMatch(/^[0-9a-f]{64}$/);
    for (const text of ['', 'AAAA', publicKey.slice(1), `${publicKey}\n`, publicKey.replace('=', '')])
      expect(ed25519.fingerprint(text)).toBeUndefined();
  });

  it('signs the canonical bytes, whatever the order of the fields', () => {
    const signature = signStatement(statement, key);
    const { to, purpose, reason } = statement;
    expect(Buffer.from(statementBytes(statement)).toString()).toBe(
      '{"purpose":"test","reason":"naïve \\"why\\"","to":2}',
    );
    expect(ed25519.holds({ to, reason, purpose }, signature, publicKey)).toBe(true);
  });

  it.each([
    ['another statement', { ...statement, to: 3 }, publicKey],
    ['another key', statement, publicHalf(generateKeyPairSync('ed25519').privateKey)],
    ['what is no key', statement, 'AAAA'],
  ])('does not hold for %s', (_what, said, whose) =>
    expect(ed25519.holds(said, signStatement(statement, key), whose)).toBe(false),
  );

  it('takes a signature in one spelling only', () => {
    const signature = signStatement(statement, key);
    // The last character but "==" carries four bits that base64 leaves unused.
    const last = signature.at(-3) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const respelt = `${signature.slice(0, -3)}${alphabet[alphabet.indexOf(last) + 1]}==`;
    expect(Buffer.from(respelt, 'base64')).toEqual(Buffer.from(signature, 'base64'));
    expect(ed25519.holds(statement, respelt, publicKey)).toBe(false);
    expect(ed25519.holds(statement, ` ${signature}`, publicKey)).toBe(false);
    expect(ed25519.holds(statement, signature.slice(4), publicKey)).toBe(false);
  });
});
