import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { allEvents, eventSchemas } from '#event-catalogue.js';
import { sha256 } from '#ledger/digest.js';
import { canonicalJson } from '#ledger/record.js';
import { example, type Schema } from './example.js';

/**
 * One example for each (event type, version) that was ever released: what was written then must be readable for ever.
 * GOLDEN=write adds an example for a version that has none; it never changes one.
 */
type Golden = Readonly<{ type: string; version: number; sha256: string; data: unknown }>;

const FOLDER = join(process.cwd(), 'test', 'golden', 'events');
const fileOf = ({ type, version }: Readonly<{ type: string; version: number }>): string =>
  join(FOLDER, `${type}.${version}.json`);
const contentOf = ({ type, version, data }: Omit<Golden, 'sha256'>): string => canonicalJson({ type, version, data });

const read = (path: string): Golden => JSON.parse(readFileSync(path, 'utf8')) as Golden;

if (process.env['GOLDEN'] === 'write')
  for (const { type, version, schema } of eventSchemas()) {
    const path = fileOf({ type, version });
    const golden = { type, version, data: example(schema as Schema) };
    if (!existsSync(path))
      writeFileSync(path, `${JSON.stringify({ ...golden, sha256: sha256(contentOf(golden)) }, null, 2)}\n`);
  }

describe('events for ever', () => {
  it('gives every event a name of its own', () => {
    const names = allEvents.map(({ type }) => type);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('has an example of every version of every event, and of nothing else', () => {
    const expected = eventSchemas().map(({ type, version }) => `${type}.${version}.json`);
    expect(readdirSync(FOLDER).toSorted()).toEqual(expected.toSorted());
  });

  it.each(eventSchemas().map(({ type, version }) => [type, version] as const))(
    'reads %s version %i',
    (type, version) => {
      const golden = read(fileOf({ type, version }));
      expect(golden).toMatchObject({ type, version, sha256: sha256(contentOf(golden)) });
      const kind = allEvents.find((candidate) => candidate.type === type);
      const decoded = kind?.decode(golden);
      expect(decoded?.type).toBe(type);
      if (version === kind?.version) {
        expect(decoded?.data).toEqual(golden.data);
        expect(kind.encode(golden.data)).toEqual({ type, version, data: golden.data });
      }
    },
  );

  it('refuses every example with a field too many or one it does not know', () => {
    for (const kind of allEvents) {
      const golden = read(fileOf(kind));
      const data = golden.data as { [name: string]: unknown };
      expect(() => kind.decode({ ...golden, data: { ...data, unheardOf: 1 } })).toThrow(kind.type);
      expect(() => kind.decode({ ...golden, version: kind.version + 1 })).toThrow('is unknown');
    }
  });
});

describe('JSON Schemas of the events', () => {
  const path = join(process.cwd(), 'test', 'golden', 'event-schemas.json');
  const present = `${JSON.stringify(eventSchemas(), null, 2)}\n`;
  if (process.env['GOLDEN'] === 'write') writeFileSync(path, present);

  it('are those published: a released shape never changes, a new one is a new version', () => {
    expect(JSON.parse(present)).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  });
});
