import { Refused, type Decision, type Stream } from '#ledger/decider.js';
import { KeyRegistered, KeyRevoked, keyEvents, type KeyEvent } from './events.js';
import {
  approve,
  liveKey,
  registrationStatement,
  type ActorKind,
  type KeyRing,
  type Signed,
  type Signing,
} from './signing.js';

type Decided = Decision<KeyRing, (typeof keyEvents)[number]>;

/** One stream for the whole log, with the empty id. */
export const keyStream: Stream<KeyRing, (typeof keyEvents)[number]> = {
  name: 'keys',
  events: keyEvents,
  initial: { keys: [] },
  evolve: ({ keys }, { type, data }: KeyEvent) =>
    type === 'KeyRegistered'
      ? { keys: [...keys, { name: data.name, keyId: data.keyId, publicKey: data.publicKey, revoked: false }] }
      : { keys: keys.map((key) => (key.keyId === data.keyId ? { ...key, revoked: true } : key)) },
};

export type Registration = Readonly<{
  name: string;
  publicKey: string;
  requester: string;
  signatures: readonly Signed[];
}>;

type Who = Readonly<{ by: ActorKind; signing: Signing }>;

/**
 * A person's key becomes known. The first key of a log needs no signature, since there is nobody to sign; from then on
 * every one needs that of a registered person, also when all keys were revoked: then no further one can come.
 */
export const registerKey =
  ({ name, publicKey, requester, signatures: given }: Registration, { by, signing }: Who): Decided =>
  (ring) => {
    if (by !== 'human') throw new Refused(`a ${by} asked to register a key: only a human may`);
    const keyId = signing.fingerprint(publicKey);
    if (keyId === undefined)
      throw new Refused('publicKey: is no Ed25519 public key; its 32 raw bytes in base64 are needed');
    const same = ring.keys.find((key) => key.keyId === keyId);
    if (same?.revoked)
      throw new Refused(`publicKey: was revoked as that of ${same.name}; \`key create\` makes another`);
    if (same) throw new Refused(`publicKey: is registered already, as that of ${same.name}`);
    const held = liveKey(ring, name);
    if (held) throw new Refused(`name: ${name} has the key ${held.keyId}; revoke it first, or choose another name`);
    const first = ring.keys.length === 0;
    if (first && given.length > 0)
      throw new Refused('signatures: this is the first key of the log, which nobody known could have signed');
    const statement = registrationStatement({ name, keyId, publicKey });
    const signatures = first ? [] : [...approve({ by, ring, signing }, statement, given, 1)];
    return [KeyRegistered.of({ name, keyId, publicKey, requester, signatures })];
  };

export type Revocation = Readonly<{ which: string; reason: string; requester: string; by: ActorKind }>;

/**
 * By the person's name or the key's id. It takes no signature: a stolen key must be stoppable by whoever owns the folder,
 * and revoking gives nobody anything.
 */
export const revokeKey =
  ({ which, reason, requester, by }: Revocation): Decided =>
  (ring) => {
    if (by !== 'human') throw new Refused(`a ${by} asked to revoke a key: only a human may`);
    const named = ring.keys.filter(({ name, keyId }) => name === which || keyId === which);
    const live = named.find(({ revoked }) => !revoked);
    if (!live) {
      const why = named.length > 0 ? 'is revoked already' : 'does not exist; `key list` shows those there are';
      throw new Refused(`key ${which} ${why}`);
    }
    return [KeyRevoked.of({ name: live.name, keyId: live.keyId, reason, requester })];
  };
