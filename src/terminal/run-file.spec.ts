import { parse } from 'yaml';
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
