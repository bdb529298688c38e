import { z } from 'zod';
import { event } from '#ledger/event.js';
import type { Proposed } from '#ledger/record.js';

const share = z.number().min(0).max(1);
const itemSchema = z.strictObject({
  item: z.string().regex(/^[a-z]+-\d+$/),
  bytesRight: z.int().nonnegative(),
  bytes: z.int().positive(),
  lossNats: z.number().nonnegative(),
});

/** An event of about a kilobyte, shaped like a probe's result. */
export const Measured = event(
  'Measured',
  z.strictObject({
    suite: z.string().min(1).max(80),
    evaluator: z.enum(['native', 'reference', 'shadow']),
    skills: z.array(z.strictObject({ skill: z.string(), accuracy: share })).min(1),
    items: z.array(itemSchema).min(1),
    note: z.string().max(400),
  }),
);

const SKILLS = ['copying', 'counting', 'recalling'];

const dataOf = (number: number): unknown => ({
  suite: 'gate-suite-of-the-run',
  evaluator: 'native',
  skills: SKILLS.map((skill, at) => ({ skill, accuracy: ((number + at) % 100) / 100 })),
  items: Array.from({ length: 8 }, (_, at) => ({
    item: `item-${number + at}`,
    bytesRight: (number * 7 + at) % 64,
    bytes: 64,
    lossNats: 0.125 * ((number + at) % 32),
  })),
  note: 'The candidate was shown the items of the suite in the order of their names, and answered each of them once.',
});

/** Ids that only count. */
const idOf = (writer: number, number: number): string =>
  `00000000-${writer.toString(16).padStart(4, '0')}-4000-8000-${number.toString(16).padStart(12, '0')}`;

/** The event that a writer appends as its nth, its data checked against the event's shape. */
export const proposedBy = (writer: number, number: number): Proposed => {
  const id = idOf(writer, number);
  const { type, version, data } = Measured.encode(dataOf(number));
  return {
    id,
    type,
    version,
    recordedAt: '2026-01-01T00:00:00.000Z',
    actor: { kind: 'service', id: 'bench', build: 'bench' },
    causationId: id,
    correlationId: id,
    data: data as Proposed['data'],
  };
};
