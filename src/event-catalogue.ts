import { z } from 'zod';
import { auditEvents } from '#audit/domain/events.js';
import { constitutionEvents } from '#constitution/domain/events.js';
import { corpusEvents } from '#corpus/domain/events.js';
import { distillationEvents } from '#distillation/domain/events.js';
import { experimentEvents } from '#experiment/domain/events.js';
import { gatewayEvents } from '#gateway/domain/events.js';
import { keyEvents } from '#key/domain/events.js';
import type { AnyEventType } from '#ledger/event.js';
import { runEvents } from '#run/domain/events.js';
import { suiteEvents } from '#suite/domain/events.js';

/** Every kind of event there is. */
export const allEvents: readonly AnyEventType[] = [
  ...corpusEvents,
  ...suiteEvents,
  ...constitutionEvents,
  ...runEvents,
  ...experimentEvents,
  ...distillationEvents,
  ...auditEvents,
  ...keyEvents,
  ...gatewayEvents,
];

export type EventSchema = Readonly<{ type: string; version: number; schema: unknown }>;

/** JSON Schema (draft 2020-12) of the data of every event in every version, for readers in any language. */
export const eventSchemas = (): readonly EventSchema[] =>
  allEvents.flatMap(({ type, schemas }) =>
    schemas.map((schema, at) => ({ type, version: at + 1, schema: z.toJSONSchema(schema, { io: 'input' }) })),
  );
