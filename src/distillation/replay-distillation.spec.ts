import type { Record } from '#ledger/record.js';
import { divergenceOf } from './replay-distillation.js';

const recorded = { revision: 2, type: 'StudentTrained', version: 1, data: { arm: 'none', env: { threads: 1 } } };
const found = (changes: object): Record => ({ ...recorded, ...changes }) as unknown as Record;

it.each([
  ['nothing', undefined, { field: 'type', recorded: 'StudentTrained', found: 'nothing' }],
  [
    'another event, whatever its fields are',
    found({ type: 'AlignmentMeasured', data: { arm: 'other' } }),
    { field: 'type', found: 'AlignmentMeasured' },
  ],
  ['another value', found({ data: { arm: 'both' } }), { field: 'arm', recorded: '"none"', found: '"both"' }],
  ['a field less', found({ data: {} }), { field: 'arm', recorded: '"none"', found: 'absent' }],
  ['a field more', found({ data: { arm: 'none', tokens: 7 } }), { field: 'tokens', recorded: 'absent', found: '7' }],
  ['another version', found({ version: 2 }), { field: 'version', recorded: '1', found: '2' }],
])('names %s where it stands', (_, again, divergence) =>
  expect(divergenceOf(found({}), again)).toMatchObject({ revision: 2, type: 'StudentTrained', ...divergence }),
);
