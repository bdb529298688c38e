import type { Entry } from '#audit/domain/entry.js';
import { logPages } from './http-pages.js';
import type { HttpService } from './http-service.js';

/** Every record of a service's log in order of position, as it was sent. @throws LogDamaged, ServiceRefused, ServiceUnreachable */
export async function* httpEntries(service: HttpService, from = 1): AsyncGenerator<readonly Entry[]> {
  const encoder = new TextEncoder();
  for await (const page of logPages(service, { from }))
    yield page.map(({ position, canonical }) => ({ position, bytes: encoder.encode(canonical), fits: () => true }));
}
