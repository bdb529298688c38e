import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

type Registered = Readonly<{
  withPartners: (names: readonly string[]) => readonly string[];
  meantBy: (name: string, quick: boolean) => Readonly<{ meant: readonly string[]; missing: readonly string[] }>;
}>;
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

it('all of them, quickly, are all that have a quick file', async () => {
  const { meantBy } = (await import(join(process.cwd(), 'tools/study/registered.mjs'))) as Registered;
  const quick = ['regimes', 'allocation', 'memory', 'envelope', 'distillation'].map((id) => `${id}-quick`);
  expect(meantBy('all', true)).toEqual({ meant: quick, missing: ['aggressive-quick'] });
  expect(meantBy('all', false).missing).toEqual([]);
  expect(meantBy('aggressive', true)).toEqual({ meant: [], missing: ['aggressive-quick'] });
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
