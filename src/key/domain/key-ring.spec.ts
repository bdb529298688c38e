import { generateKeyPairSync } from 'node:crypto';
import { Refused } from '#ledger/decider.js';
import { ed25519, publicHalf, signStatement } from '#ledger/ed25519.js';
import { KeyRegistered, KeyRevoked, type KeyEvent } from './events.js';
import { keyStream, registerKey, revokeKey } from './key-ring.js';
import { approve, registrationStatement, type ActorKind, type Signed, type Statement } from './signing.js';

const person = (name: string) => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = publicHalf(privateKey);
  const keyId = ed25519.fingerprint(publicKey) ?? '';
  const signs = (statement: Statement): Signed => ({ name, signature: signStatement(statement, privateKey) });
  return { name, publicKey, keyId, signs };
};
type Person = ReturnType<typeof person>;

const [ada, bob, eve] = [person('ada'), person('bob'), person('eve')];
const after = (...past: KeyEvent[]) => past.reduce(keyStream.evolve, keyStream.initial);
const known = ({ name, publicKey, keyId }: Person) =>
  KeyRegistered.of({ name, publicKey, keyId, requester: 'owner', signatures: [] });
const gone = ({ name, keyId }: Person) => KeyRevoked.of({ name, keyId, reason: 'lost', requester: 'owner' });
const register = ({ name, publicKey }: Person, signatures: readonly Signed[] = [], by: ActorKind = 'human') =>
  registerKey({ name, publicKey, requester: 'owner', signatures }, { by, signing: ed25519 });
const agreed = (whose: Person, ...signers: Person[]) => signers.map(({ signs }) => signs(registrationStatement(whose)));

describe('registering a key', () => {
  it('takes the first one of a log as it is', () => {
    expect(register(ada)(after())).toEqual([known(ada)]);
    expect(() => register(ada, agreed(ada, eve))(after())).toThrow('nobody known could have signed');
  });

  it('needs the signature of somebody known for every further one, and keeps it', () => {
    const [event] = register(bob, agreed(bob, ada))(after(known(ada)));
    expect(event?.data).toMatchObject({ name: 'bob', signatures: [{ name: 'ada', keyId: ada.keyId }] });
    expect(() => register(bob)(after(known(ada)))).toThrow('at least 1 needed, from ada');
    expect(() => register(eve, agreed(eve, eve))(after(known(ada)))).toThrow('no key has that name');
    expect(() => register(bob, agreed(eve, ada))(after(known(ada)))).toThrow('is not one of this statement');
  });

  it('takes nobody back whose key was revoked, and nobody at all once none is left', () => {
    const left = after(known(ada), gone(ada));
    expect(() => register(ada)(left)).toThrow('was revoked as that of ada');
    expect(() => register(bob)(left)).toThrow('no key is registered');
    expect(() => register(bob, agreed(bob, ada))(left)).toThrow('the key of that name is revoked');
  });

  it('gives a name one key at a time, and a key one name', () => {
    const other = { ...person('ada') };
    expect(() => register(other, agreed(other, ada))(after(known(ada)))).toThrow('revoke it first');
    const same = { ...ada, name: 'ada-again' };
    expect(() => register(same, agreed(same, ada))(after(known(ada)))).toThrow('registered already, as that of ada');
  });

  it.each(['service', 'trainer', 'evaluator', 'policy'] as const)('is not for a %s', (by) => {
    expect(() => register(ada, [], by)(after())).toThrow(Refused);
    const revocation = { which: 'ada', reason: 'why', requester: 'loop', by };
    expect(() => revokeKey(revocation)(after(known(ada)))).toThrow('only a human may');
  });

  it('refuses what is no key', () =>
    expect(() => register({ ...ada, publicKey: 'AAAA' })(after())).toThrow('is no Ed25519 public key'));
});

describe('revoking a key', () => {
  const revoke = (which: string) => revokeKey({ which, reason: 'lost', requester: 'owner', by: 'human' });

  it('goes by the name of its person or its id, once', () => {
    expect(revoke('ada')(after(known(ada)))).toEqual([gone(ada)]);
    expect(revoke(ada.keyId)(after(known(ada)))).toEqual([gone(ada)]);
    expect(() => revoke('ada')(after(known(ada), gone(ada)))).toThrow('is revoked already');
    expect(() => revoke('bob')(after(known(ada)))).toThrow('does not exist');
  });
});

describe('agreeing to a statement', () => {
  const statement = { purpose: 'test', reason: 'why' };
  const ring = after(known(ada), known(bob), known(eve), gone(eve));
  const agree = (given: readonly Signed[], needed = 1, by: ActorKind = 'human') =>
    approve({ by, ring, signing: ed25519 }, statement, given, needed);

  it('counts different people', () => {
    const both = [ada.signs(statement), bob.signs(statement)];
    expect(agree(both, 2).map(({ name, keyId }) => [name, keyId])).toEqual([
      ['ada', ada.keyId],
      ['bob', bob.keyId],
    ]);
    expect(() => agree([both[0] as Signed, both[0] as Signed], 2)).toThrow('each person signs once');
    expect(() => agree(both.slice(1), 2)).toThrow('there is 1; at least 2 needed, from ada, bob');
    expect(() => agree([], 0)).toThrow('at least 1');
  });

  it.each([
    ['a revoked key', () => eve.signs(statement), 'the key of that name is revoked'],
    ['an unknown person', () => ({ ...ada.signs(statement), name: 'zoe' }), 'no key has that name'],
    ['another key', () => ({ ...eve.signs(statement), name: 'ada' }), 'is not one of this statement'],
    ['another statement', () => ada.signs({ ...statement, reason: 'no' }), 'is not one of this statement'],
    ['the id of another key', () => ({ ...ada.signs(statement), keyId: bob.keyId }), 'the one that counts'],
  ])('does not take a signature by %s, be there a good one or not', (_whose, made, message) => {
    expect(() => agree([made()])).toThrow(message);
    expect(() => agree([bob.signs(statement), made()])).toThrow(message);
  });
});
