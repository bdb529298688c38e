import { parse } from 'yaml';
import { MAX_RECORD_BYTES, recordBytes, type Record } from '#ledger/record.js';
import { MOST_CYCLES } from '#run/domain/config.js';
import { runFileSchema } from '#run/domain/run-file.js';
import { changedFields } from './run-file.js';
import { runTemplate } from './run-init.js';

test('the example of `run init` is a valid run file under the given name', () => {
  expect(runFileSchema.parse(parse(runTemplate('mine'))).run).toBe('mine');
});

test('every commented default of the example is a valid line of a run file', () => {
  const shown = runTemplate('mine')
    .split('\n')
    .filter((line) => /^# (texts|model|sequence|targets|distractors):/.test(line))
    .map((line) => line.slice(2));
  expect(shown).toHaveLength(5);
  const file = runFileSchema.parse({ run: 'mine', ...parse(shown.join('\n')) });
  const defaults = runFileSchema.parse({ run: 'mine' });
  expect([file.targets, file.distractors, file.sequence]).toEqual([
    defaults.targets,
    defaults.distractors,
    defaults.sequence,
  ]);
});

test('--set reaches into fields and reads the value as YAML', () => {
  const fields = changedFields(
    { run: 'a', base: { steps: 1 } },
    { set: ['base.steps=300', 'policy=frozen', 'texts=[b]'] },
  );
  expect(fields).toEqual({ run: 'a', base: { steps: 300 }, policy: 'frozen', texts: ['b'] });
});

test.each(['steps', '=3', 'a..b=1', '__proto__.x=1', 'a=[1'])('--set %s is refused', (assignment) => {
  expect(() => changedFields({}, { set: [assignment] })).toThrow(/--set/);
});

test('the first own corpus becomes the general text, the others further texts', () => {
  const fields = changedFields({ run: 'a' }, { corpus: ['mine=./x', 'notes=./y'] });
  expect(fields).toEqual({
    run: 'a',
    corpora: { mine: { path: './x' }, notes: { path: './y' } },
    general: 'mine',
    texts: ['notes'],
  });
});

test('a corpus that the file describes gets the new path and keeps its role', () => {
  const file = { general: 'mine', corpora: { mine: { path: './x', licence: 'MIT' } } };
  expect(changedFields(file, { corpus: ['mine=./z'] })).toEqual({
    general: 'mine',
    corpora: { mine: { path: './z', licence: 'MIT' } },
  });
});

test('the given fields are left as they were', () => {
  const file = { corpora: {} };
  changedFields(file, { corpus: ['mine=./x'], set: ['seed=2'] });
  expect(file).toEqual({ corpora: {} });
});

test('a run has at most so many cycles that the event of its look, with every candidate, is a record', () => {
  expect(runFileSchema.safeParse({ run: 'a', cycles: MOST_CYCLES + 1 }).error?.issues[0]?.message).toMatch(
    /at most 900; .* parent/,
  );
  const { cycles } = runFileSchema.parse({ run: 'a', cycles: MOST_CYCLES });
  const longest = 'a'.repeat(63);
  const hash = 'f'.repeat(64);
  const id = '01234567-89ab-4def-8123-456789abcdef';
  const record: Record = {
    id,
    stream: `run-${longest}`,
    revision: Number.MAX_SAFE_INTEGER,
    type: 'LookOpened',
    version: 1,
    recordedAt: '2025-01-02T03:04:05.678Z',
    actor: { kind: 'service', id: longest, build: longest },
    causationId: id,
    correlationId: id,
    data: { look: 1, suite: longest, checkpoints: Array.from({ length: 1 + cycles }, () => hash) },
  };
  expect(recordBytes(record).length).toBeLessThanOrEqual(MAX_RECORD_BYTES);
});
