import { decide, Ledger } from '#ledger/ledger.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { AmendConstitution, AmendConstitutionHandler } from './amend-constitution.js';
import { constitutionStream, enactConstitution } from './domain/constitution.js';
import { defaultConstitution } from './domain/document.js';

const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
const handler = new AmendConstitutionHandler(ledger);
const command = { id: '01234567-89ab-4def-8123-456789abcdef', correlationId: '11234567-89ab-4def-8123-456789abcdef' };
const amend = (document: object, approvals = ['ada']) =>
  handler.execute(new AmendConstitution(document, 'a longer study', approvals, { requester: 'ada', command }));

test('an amendment is a further version, made once for a repeated command', async () => {
  const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
  await decide(ledger, constitutionStream, 'default', enactConstitution(defaultConstitution), by);
  const amended = {
    constitution: 'default',
    version: 2,
    changes: [{ path: 'alphaPlan.kMax', before: '12', after: '24' }],
  };
  expect(await amend({ alphaPlan: { kMax: 24 } })).toEqual(amended);
  expect(await amend({ alphaPlan: { kMax: 24 } })).toEqual(amended);
});

test('what was never enacted, or is no constitution, is refused', async () => {
  await expect(amend({ name: 'unheard-of' })).rejects.toThrow('there is no constitution to amend: enact one first');
  await expect(amend({ alphaPlan: { alpha: 2 } })).rejects.toThrow(/alphaPlan\.alpha: 2: too big/);
});
