import { existsSync } from 'node:fs';
import { join } from 'node:path';

test('every spec that is left to the full tests is there', async () => {
  const { LONG_SPECS } = (await import(join(process.cwd(), 'tools/test/long-specs.mjs'))) as { LONG_SPECS: string[] };
  expect(LONG_SPECS.length).toBeGreaterThan(0);
  expect(LONG_SPECS.filter((spec) => !existsSync(join('test', `${spec}.spec.ts`)))).toEqual([]);
});
