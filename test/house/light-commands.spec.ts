import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const IMPORT = /^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'/gm;

/** Packages that are loaded with a file of dist/, through whatever it imports without waiting. */
const packagesOf = (path: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(path)) return new Set();
  seen.add(path);
  const found = new Set<string>();
  for (const [, from, bare] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
    const asked = from ?? bare ?? '';
    if (asked.startsWith('.') || asked.startsWith('#')) {
      const file = asked.startsWith('#') ? join('dist', asked.slice(1)) : join(dirname(path), asked);
      for (const each of packagesOf(file, seen)) found.add(each);
    } else if (!asked.startsWith('node:')) found.add(/^(?:@[^/]+\/)?[^/]+/.exec(asked)?.[0] ?? asked);
  }
  return found;
};

// What only a service needs took more than half of the start of every command.
const OF_THE_SERVICE = ['@nestjs/graphql', '@nestjs/swagger', '@eventstore/db-client', 'kysely', 'pg', 'prom-client'];

it('loads nothing for a terminal command that only the service needs', () => {
  const [start, application, service] = ['cli', 'terminal/application', 'main'].map((name) => `dist/${name}.js`);
  for (const path of [start, application, service]) expect(existsSync(path as string)).toBe(true);
  const ofCommand = [...packagesOf(start as string), ...packagesOf(application as string)];
  expect(ofCommand).toContain('@nestjs/core');
  expect(ofCommand.filter((name) => OF_THE_SERVICE.includes(name))).toEqual([]);
  expect([...packagesOf(service as string)]).toEqual(expect.arrayContaining(OF_THE_SERVICE));
});
