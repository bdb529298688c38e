import fc from 'fast-check';
import {
  amendConstitution,
  amendmentStatement,
  constitutionStream,
  signersNeeded,
} from '#constitution/domain/constitution.js';
import { defaultConstitution, type Constitution } from '#constitution/domain/document.js';
import { ConstitutionEnacted } from '#constitution/domain/events.js';
import type { KeyEvent } from '#key/domain/events.js';
import { keyStream, registerKey, revokeKey } from '#key/domain/key-ring.js';
import { liveKey, registrationStatement, type KeyRing } from '#key/domain/signing.js';
import { Refused } from '#ledger/decider.js';
import { ed25519 } from '#ledger/ed25519.js';
import { person } from '../simulation/people.js';

const NAMES = ['ada', 'bob', 'eve'];
/** Two keys of each person: the second replaces a lost one. */
const people = NAMES.flatMap((name) => [person(name), person(name)]);
const one = fc.constantFrom(...people);
const some = fc.array(one, { maxLength: 3 });

const attempt = fc.oneof(
  fc.record({ kind: fc.constant('register' as const), whose: one, signers: some }),
  fc.record({ kind: fc.constant('revoke' as const), which: fc.constantFrom(...NAMES) }),
);
type Attempt = typeof attempt extends fc.Arbitrary<infer A> ? A : never;

const decided = <T>(decide: () => T): T | undefined => {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
};

const eventsOf = (ring: KeyRing, tried: Attempt): readonly KeyEvent[] => {
  if (tried.kind === 'revoke')
    return decided(() => revokeKey({ which: tried.which, reason: 'lost', requester: 'o', by: 'human' })(ring)) ?? [];
  const { name, publicKey } = tried.whose;
  const signatures = tried.signers.map(({ signs }) => signs(registrationStatement(tried.whose)));
  const registration = { name, publicKey, requester: 'o', signatures };
  return decided(() => registerKey(registration, { by: 'human', signing: ed25519 })(ring)) ?? [];
};

/** Every ring on the way, the empty one first, and the events between them. */
const history = (attempts: readonly Attempt[]) => {
  const rings = [keyStream.initial];
  const events: KeyEvent[] = [];
  for (const tried of attempts)
    for (const event of eventsOf(rings.at(-1) as KeyRing, tried)) {
      events.push(event);
      rings.push(keyStream.evolve(rings.at(-1) as KeyRing, event));
    }
  return { rings, events };
};
const attempts = fc.array(attempt, { maxLength: 12 });

describe('whatever people try with keys', () => {
  it('a name has one live key at most, and a revoked key never comes back', () =>
    fc.assert(
      fc.property(attempts, (tried) => {
        const revoked = new Set<string>();
        for (const { keys } of history(tried).rings) {
          const live = keys.filter((key) => !key.revoked);
          expect(new Set(live.map(({ name }) => name)).size).toBe(live.length);
          expect(live.filter(({ keyId }) => revoked.has(keyId))).toEqual([]);
          for (const key of keys) if (key.revoked) revoked.add(key.keyId);
        }
      }),
    ));

  it('every key but the first is signed by a key that was live when it came', () =>
    fc.assert(
      fc.property(attempts, (tried) => {
        const { rings, events } = history(tried);
        events.forEach((event, at) => {
          if (event.type !== 'KeyRegistered' || at === 0) return;
          const [signature] = event.data.signatures;
          const key = liveKey(rings[at] as KeyRing, signature?.name ?? '');
          expect(key?.keyId).toBe(signature?.keyId);
          const statement = registrationStatement(event.data);
          expect(ed25519.holds(statement, signature?.signature ?? '', key?.publicKey ?? '')).toBe(true);
        });
      }),
    ));

  it('an amendment passes exactly when enough different people sign with their live keys, and nobody else does', () =>
    fc.assert(
      fc.property(attempts, some, fc.integer({ min: 1, max: 3 }), (tried, signers, atLeast) => {
        const ring = history(tried).rings.at(-1) as KeyRing;
        const rules = defaultConstitution.rules.map((rule) =>
          rule.kind === 'PROCEDURAL' ? { ...rule, atLeast } : rule,
        );
        const document: Constitution = { ...defaultConstitution, rules };
        const state = constitutionStream.evolve(
          constitutionStream.initial,
          ConstitutionEnacted.of({ version: 1, document }),
        );
        const proposed = { document: defaultConstitution, reason: 'why' };
        const changed = { ...document, alphaPlan: { ...document.alphaPlan, kMax: 13 } };
        const statement = amendmentStatement(state, { ...proposed, document: changed }, ed25519.digest);
        const signatures = signers.map(({ signs }) => signs(statement));
        const authority = { by: 'human' as const, ring, signing: ed25519 };
        const passed = decided(() =>
          amendConstitution({ ...proposed, document: changed, signatures }, authority)(state),
        );
        const live = signers.every(({ name, keyId }) => liveKey(ring, name)?.keyId === keyId);
        const different = new Set(signers.map(({ name }) => name)).size === signers.length;
        expect(passed !== undefined).toBe(live && different && signers.length >= signersNeeded(document));
      }),
    ));
});
