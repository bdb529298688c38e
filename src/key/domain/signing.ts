import { Refused } from '#ledger/decider.js';
import type { Signature } from './events.js';

/** What is signed. `purpose` and its version keep a signature from being used for anything else. */
export type Statement = Readonly<{ purpose: string; [field: string]: string | number }>;

export const registrationStatement = (key: Pick<Key, 'name' | 'keyId' | 'publicKey'>): Statement => ({
  purpose: 'prometheus-ledger/register-key/1',
  name: key.name,
  keyId: key.keyId,
  publicKey: key.publicKey,
});

/** The arithmetic of signatures, which a domain does not do itself. Pure: the same for whoever checks a log later. */
export type Signing = Readonly<{
  /** SHA-256 of a value's canonical JSON, hex. */
  digest(value: unknown): string;
  /** Id of a public key; undefined when it is none. */
  fingerprint(publicKey: string): string | undefined;
  holds(statement: Statement, signature: string, publicKey: string): boolean;
}>;

/** A key as the log knows it. */
export type Key = Readonly<{ name: string; keyId: string; publicKey: string; revoked: boolean }>;
export type KeyRing = Readonly<{ keys: readonly Key[] }>;

/** A signature as somebody hands it in. `keyId`, where it is said, must be that of the person's key. */
export type Signed = Readonly<{ name: string; signature: string; keyId?: string }>;

export type ActorKind = 'human' | 'service' | 'trainer' | 'evaluator' | 'policy';

/** Who asks, which keys the log knows at that moment, and how signatures are checked. */
export type Authority = Readonly<{ by: ActorKind; ring: KeyRing; signing: Signing }>;

export const liveKey = ({ keys }: KeyRing, name: string): Key | undefined =>
  keys.find((key) => key.name === name && !key.revoked);

const checked = ({ ring, signing }: Authority, statement: Statement, given: Signed): Signature => {
  const { name, signature } = given;
  const key = liveKey(ring, name);
  if (!key) {
    const known = ring.keys.some((one) => one.name === name)
      ? 'the key of that name is revoked'
      : 'no key has that name';
    throw new Refused(`signature of ${name}: ${known}; \`key list\` shows those whose signatures count`);
  }
  if (given.keyId !== undefined && given.keyId !== key.keyId)
    throw new Refused(`signature of ${name}: made with the key ${given.keyId}; the one that counts is ${key.keyId}`);
  if (!signing.holds(statement, signature, key.publicKey))
    throw new Refused(
      `signature of ${name}: is not one of this statement by the key ${key.keyId}; sign the very bytes that --print-statement prints`,
    );
  return { name, keyId: key.keyId, signature };
};

/**
 * The signatures under a statement, each checked against the person's key.
 * @param needed how many different people at least; never fewer than one
 * @throws Refused when who asks is no human, a signature does not hold, or there are too few
 */
export const approve = (
  authority: Authority,
  statement: Statement,
  given: readonly Signed[],
  needed: number,
): readonly Signature[] => {
  const { by, ring } = authority;
  if (by !== 'human') throw new Refused(`a ${by} asked for this: only a human may`);
  const names = given.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw new Refused(`signature of ${twice}: is there twice; each person signs once`);
  const least = needed > 1 ? needed : 1;
  if (given.length < least) {
    const live = ring.keys.filter(({ revoked }) => !revoked).map(({ name }) => name);
    const whose = live.length > 0 ? `from ${live.join(', ')}` : 'and no key is registered that could (`key register`)';
    const there = given.length === 1 ? 'there is 1' : `there are ${given.length}`;
    throw new Refused(`signatures: ${there}; at least ${least} needed, ${whose}`);
  }
  return given.map((one) => checked(authority, statement, one));
};
