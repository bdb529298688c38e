import { z } from 'zod';
import { nameSchema, sha256Schema } from '#ledger/schema.js';

export const FORMAT = 'prometheus-ledger-export/1';

/** The files of an export beside `tile/…` and `artifacts/…`. */
export const FILES = {
  manifest: 'manifest.json',
  /** One record a line, exactly its bytes, in the order of the log. */
  records: 'records.jsonl',
  schemas: 'event-schemas.json',
  checkpoint: 'checkpoint',
  key: 'key.pub',
  verifier: 'verify.mjs',
  /** SHA-256 of every other file but the verifier, as `sha256sum --check` reads it. */
  sums: 'SHA256SUMS',
} as const;

export const artifactPath = (sha256: string): string => `artifacts/${sha256.slice(0, 2)}/${sha256}`;

const positionSchema = z.int().positive();

const scopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('log') }),
  z.strictObject({ kind: z.literal('run'), run: nameSchema }),
  z.strictObject({ kind: z.literal('range'), from: positionSchema, through: positionSchema }),
]);
export type Scope = z.output<typeof scopeSchema>;

/** All that records name; what judging every verdict again needs; or nothing but the hashes in the records. */
export const ARTIFACTS = ['all', 'judged', 'none'] as const;
export type WhichArtifacts = (typeof ARTIFACTS)[number];

export const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** Version of the program that wrote it. */
  build: z.string().min(1),
  scope: scopeSchema,
  /** Positions of the records, from 1: first and last of every stretch. */
  places: z.array(z.tuple([positionSchema, positionSchema])),
  artifacts: z.enum(ARTIFACTS),
  /** SHA-256 of the verifier that was put in. */
  verifier: sha256Schema,
});
export type Manifest = z.output<typeof manifestSchema>;
export type Places = Manifest['places'];

/** Ascending positions as stretches. */
export const placesOf = (positions: Iterable<number>): Places => {
  const places: [number, number][] = [];
  for (const position of positions) {
    const last = places.at(-1);
    if (last?.[1] === position - 1) last[1] = position;
    else places.push([position, position]);
  }
  return places;
};

export const positionsIn = function* (places: Places): Generator<number> {
  for (const [first, last] of places) for (let position = first; position <= last; position += 1) yield position;
};

/** What is wrong with a manifest beside a checkpoint of so many records; undefined when nothing is. */
export const wrongPlaces = ({ scope, places }: Manifest, size: number): string | undefined => {
  let before = 0;
  for (const [first, last] of places) {
    if (first <= before || last < first || last > size)
      return `places: ${first} to ${last}; stretches ascend and end at ${size}, the size of the checkpoint`;
    before = last;
  }
  if (scope.kind === 'run') return undefined;
  const [from, through] = scope.kind === 'log' ? [1, size] : [scope.from, scope.through];
  const expected = from > through ? [] : [[from, through]];
  if (JSON.stringify(places) === JSON.stringify(expected)) return undefined;
  return `places: an export of the ${scope.kind} has all records from ${from} to ${through}`;
};
