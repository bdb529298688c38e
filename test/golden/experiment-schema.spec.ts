import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { experimentJsonSchema } from '#experiment/domain/json-schema.js';

const PATH = join(process.cwd(), 'docs', 'experiment.schema.json');

/** GOLDEN=write publishes the present one. */
test('the JSON Schema of an experiment is the one published in docs', () => {
  const present = experimentJsonSchema();
  if (process.env['GOLDEN'] === 'write') writeFileSync(PATH, `${JSON.stringify(present, null, 2)}\n`);
  expect(JSON.parse(readFileSync(PATH, 'utf8'))).toEqual(JSON.parse(JSON.stringify(present)));
});
