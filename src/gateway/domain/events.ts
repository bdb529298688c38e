import { z } from 'zod';
import { event } from '#ledger/event.js';

/**
 * What a program other than ours wrote through the gateway, into a stream of its own: the event's own type, its bytes as
 * they came (base64), and its metadata if it has any. It means nothing to the loop.
 */
export const ExternalEventAppended = event(
  'ExternalEventAppended',
  z.strictObject({
    type: z.string().min(1).max(200),
    contentType: z.enum(['application/json', 'application/octet-stream']),
    base64: z.base64(),
    metadataBase64: z.base64().optional(),
  }),
);

export const gatewayEvents = [ExternalEventAppended] as const;
