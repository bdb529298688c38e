import { generateKeyPairSync } from 'node:crypto';
import { Turn } from '#doors/turn.js';
import { RegisterKey, RegisterKeyHandler } from '#key/register-key.js';
import { ed25519, publicHalf, signStatement } from '#ledger/ed25519.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { AmendConstitution, AmendConstitutionHandler } from './amend-constitution.js';
import { amendmentStatement, constitutionStream, enactConstitution } from './domain/constitution.js';
import { constitutionInputSchema, defaultConstitution } from './domain/document.js';

const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
const turn = new Turn();
const handler = new AmendConstitutionHandler(ledger, turn);
const command = { id: '01234567-89ab-4def-8123-456789abcdef', correlationId: '11234567-89ab-4def-8123-456789abcdef' };
const { privateKey } = generateKeyPairSync('ed25519');
const reason = 'a longer study';
const longer = { alphaPlan: { kMax: 24 } };
const signature = signStatement(
  amendmentStatement(
    { versions: [defaultConstitution] },
    { document: constitutionInputSchema.parse(longer), reason },
    ed25519.digest,
  ),
  privateKey,
);
const amend = (document: object, signatures = [{ name: 'ada', signature }]) =>
  handler.execute(new AmendConstitution(document, reason, signatures, { requester: 'ada', command }));

test('an amendment is a further version, made once for a repeated command', async () => {
  const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
  await decide(ledger, constitutionStream, 'default', enactConstitution(defaultConstitution), by);
  await expect(amend(longer)).rejects.toThrow('no key has that name');
  await new RegisterKeyHandler(ledger, turn).execute(
    new RegisterKey('ada', publicHalf(privateKey), [], { requester: 'owner' }),
  );
  await expect(amend(longer, [])).rejects.toThrow('at least 1 needed, from ada');
  const amended = {
    constitution: 'default',
    version: 2,
    changes: [{ path: 'alphaPlan.kMax', before: '12', after: '24' }],
    signers: ['ada'],
  };
  expect(await amend(longer)).toEqual(amended);
  expect(await amend(longer)).toEqual(amended);
});

test('what was never enacted, or is no constitution, is refused', async () => {
  await expect(amend({ name: 'unheard-of' })).rejects.toThrow('there is no constitution to amend: enact one first');
  await expect(amend({ alphaPlan: { alpha: 2 } })).rejects.toThrow(/alphaPlan\.alpha: 2: too big/);
});
