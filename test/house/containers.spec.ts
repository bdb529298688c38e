import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Service = Readonly<{ build?: { context: string; dockerfile: string }; command?: readonly string[] }>;

const composed = (file: string): Readonly<Record<string, Service>> =>
  (parse(readFileSync(join('docker', file), 'utf8')) as { services: Record<string, Service> }).services;
const [whole, override] = [composed('compose.yaml'), composed('compose.cuda.yaml')];

it('builds every image from a Dockerfile that is there, in the folder of the checkout', () => {
  const built = [...Object.values(whole), ...Object.values(override)].flatMap(({ build }) => (build ? [build] : []));
  expect(built).toHaveLength(3);
  for (const { context, dockerfile } of built)
    expect(
      [join('docker', context, 'package.json'), join('docker', context, dockerfile)].filter(existsSync),
    ).toHaveLength(2);
});

it('puts a GPU under a service that there is, with the same orders', () => {
  expect(Object.keys(override)).toEqual(['trainer']);
  expect(override['trainer']?.command).toEqual([...(whole['trainer']?.command ?? []), '--backend', 'cuda']);
});

it.each(['Dockerfile', 'Dockerfile.cuda'])('takes only what the build of %s leaves', (file) => {
  const copies = [...readFileSync(join('docker', file), 'utf8').matchAll(/^COPY --from=build .*$/gm)];
  const taken = copies.flatMap(([line]) => line.match(/\/app\/\S+/g) ?? []).map((path) => path.replace('/app/', ''));
  expect(taken.length).toBeGreaterThan(5);
  // Built only where nvcc is; the Dockerfile itself insists on it.
  const here = taken.filter((path) => !path.endsWith('trainer_cuda.so'));
  expect(here.filter((path) => !existsSync(path))).toEqual([]);
});
