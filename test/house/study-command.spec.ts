import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

type Registered = Readonly<{ withPartners: (names: readonly string[]) => readonly string[] }>;
const studied = (...words: readonly string[]) =>
  spawnSync(process.execPath, [join('tools', 'study.mjs'), ...words], { encoding: 'utf8' });

it.each([
  ['regimes', ['regimes', 'allocation', 'memory']],
  ['allocation', ['regimes', 'allocation', 'memory']],
  ['memory-quick', ['regimes-quick', 'allocation-quick', 'memory-quick']],
  ['envelope', ['envelope']],
])('%s is registered with every study that has its seeds, theirs first', async (name, all) => {
  const { withPartners } = (await import(join(process.cwd(), 'tools/study/registered.mjs'))) as Registered;
  expect(withPartners([name])).toEqual(all);
});

it.each([
  ['envelope', 'has hypotheses about cycles by their number'],
  ['distillation', 'has no cycles'],
])('%s is of no other number of cycles', (name, why) =>
  expect(studied(name, '--cycles', '3')).toMatchObject({
    status: 2,
    stderr: `study: --cycles 3: ${name} ${why}; leave it out\n`,
    stdout: '',
  }),
);
