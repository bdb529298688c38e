import { parse } from 'yaml';
import { runFileSchema } from '#run/domain/run-file.js';
import { nameOf, runTemplate } from './run-init.js';

test.each([
  ['my.yaml', 'my'],
  ['folder.d/My Text.yml', 'my-text'],
  ['-odd_name-.json', 'odd-name'],
  ['1.5.yaml', '1.5'],
  ['null', 'null'],
  ['run.yaml', 'my-run'],
  ['ü.yaml', 'my-run'],
  [`${'long'.repeat(30)}.yaml`, 'long'.repeat(14)],
])('the file %s suggests the run %s, and the file says so as YAML', (file, name) => {
  expect(nameOf(file)).toBe(name);
  expect(runFileSchema.parse(parse(runTemplate(name))).run).toBe(name);
});
