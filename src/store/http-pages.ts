import { z } from 'zod';
import { LogDamaged } from '#ledger/log.js';
import type { HttpService } from './http-service.js';

const MOST_PER_PAGE = 1000;

/** A record as a service sends it, before anything of it is believed. */
export const sentSchema = z.object({ position: z.int().positive(), leafHash: z.string(), canonical: z.string() });
export type Sent = Readonly<z.output<typeof sentSchema>>;

const pageSchema = z.object({ items: z.array(sentSchema), nextCursor: z.string().nullable() });

export type Question = Readonly<{
  stream?: string;
  from?: number;
  type?: string;
  direction?: 'forward' | 'backward';
  /** Records of a page at most. */
  limit?: number;
}>;

export const queryOf = (question: Readonly<Record<string, string | number>>): string =>
  new URLSearchParams(
    Object.entries(question).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();

/** Records of a service's log, page by page, to the end that the log has at the first one. @throws LogDamaged */
export async function* logPages(
  service: HttpService,
  { limit = MOST_PER_PAGE, ...question }: Question,
  signal?: AbortSignal,
): AsyncGenerator<readonly Sent[]> {
  const asked = { ...question, limit: Math.min(limit, MOST_PER_PAGE) };
  for (let cursor: string | null = ''; cursor !== null;) {
    const path: string = `/v1/log?${queryOf({ ...asked, ...(cursor && { cursor }) })}`;
    const page = pageSchema.safeParse(await service.json({ path, ...(signal && { signal }) }));
    if (!page.success) throw new LogDamaged(`the log at ${service.url}: what it answers are no records`);
    yield page.data.items;
    cursor = page.data.nextCursor;
  }
}
