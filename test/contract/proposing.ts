import type { Proposed } from '#ledger/record.js';
import { CountedIds } from '#store/counted-ids.js';

const ids = new CountedIds(0xabc_0000);

/** An event nobody else has, of the given type and data. */
export const fresh = (data: Proposed['data'] = {}, type = 'Happened'): Proposed => {
  const id = ids.next();
  return {
    id,
    type,
    version: 1,
    recordedAt: '2025-01-02T03:04:05.678Z',
    actor: { kind: 'service', id: 'contract', build: 'test' },
    causationId: id,
    correlationId: id,
    data,
  };
};

export const several = (count: number, type?: string): readonly Proposed[] =>
  Array.from({ length: count }, (_, at) => fresh({ at }, type));
