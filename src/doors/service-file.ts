import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '#store/whole-file.js';

const serviceFileSchema = z.strictObject({ url: z.url(), pid: z.int().positive(), secret: z.string().min(1) });

/** How to reach the service that runs on a data folder, and the secret of its owner. */
export type ServiceFile = Readonly<z.output<typeof serviceFileSchema>>;

const pathOf = (data: string): string => join(data, 'service.json');
const OWNER_ONLY = 0o600;

/** Written whole or not at all, and readable by nobody but the owner. */
export const writeServiceFile = (data: string, content: ServiceFile): Promise<void> =>
  writeWhole(pathOf(data), [`${JSON.stringify(content)}\n`], { mode: OWNER_ONLY });

/** The file of the service that runs there, or ran there when it lost its power; undefined when there is none. */
export const readServiceFile = async (data: string): Promise<ServiceFile | undefined> => {
  const text = await readFile(pathOf(data), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return serviceFileSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** Takes away the file of this very service, never that of a later one. */
export const removeServiceFile = async (data: string, pid: number): Promise<void> => {
  if ((await readServiceFile(data))?.pid === pid) await rm(pathOf(data), { force: true });
};
