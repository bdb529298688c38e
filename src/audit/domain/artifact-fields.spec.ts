import { z } from 'zod';
import { event } from '#ledger/event.js';
import { sha256Schema } from '#ledger/schema.js';
import { ArtifactFields } from './artifact-fields.js';

const artifactSchema = sha256Schema.meta({ artifact: true });
const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((digit) => digit.repeat(64));

const Told = event('Told', z.strictObject({ text: artifactSchema })).next(
  z.strictObject({
    text: artifactSchema.nullable(),
    digest: sha256Schema,
    parts: z.array(z.strictObject({ file: artifactSchema, of: sha256Schema })),
    byName: z.record(z.string(), artifactSchema),
    origin: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('human') }),
      z.strictObject({ kind: z.literal('model'), weights: artifactSchema }),
    ]),
  }),
  ({ text }) => ({ text, digest: text, parts: [], byName: {}, origin: { kind: 'human' as const } }),
);

const fields = new ArtifactFields([Told]);

describe('artifact fields', () => {
  it('are those whose schema declares it, however deep', () => {
    const data = {
      text: a,
      digest: b,
      parts: [{ file: c, of: b }],
      byName: { one: d },
      origin: { kind: 'model', weights: e },
    };
    expect(fields.named('Told', 2, data)).toEqual([a, c, d, e]);
  });

  it('are read in the version that was stored', () => {
    expect(fields.named('Told', 1, { text: a })).toEqual([a]);
    expect(fields.named('Told', 3, { text: a })).toEqual([]);
    expect(fields.named('Other', 1, { text: a })).toEqual([]);
  });

  it('may be null, empty or of another variant', () => {
    const data = { text: null, digest: b, parts: [], byName: {}, origin: { kind: 'human' } };
    expect(fields.named('Told', 2, data)).toEqual([]);
  });
});
