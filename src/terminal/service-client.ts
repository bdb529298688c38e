import { readFile } from 'node:fs/promises';
import { readServiceFile } from '#doors/service-file.js';
import { LogInUse } from '#ledger/log.js';
import { HttpService, ServiceRefused, ServiceUnreachable } from '#store/http-service.js';
import { BadInput } from './failures.js';

/** Which service a command is for, and who asks it. */
export type Reach = Readonly<{ url?: string; token?: string; tokenFile?: string }>;

const ON_FILE_MS = 5000;

/** The token that was typed, or is in the file that was. @throws BadInput */
export const tokenOf = async ({ token, tokenFile }: Reach): Promise<string | undefined> => {
  if (tokenFile === undefined) return token;
  const text = await readFile(tokenFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new BadInput(`--token-file ${tokenFile}: cannot be read (${error.code})`);
  });
  return text.trim();
};

/** Where a service is, and what it knows the asker by. */
export type Address = Readonly<{ url: string; token: string | undefined }>;

/** The service named with --url; undefined when none was. @throws BadInput */
export const namedAddress = async (reach: Reach, fallback: string | undefined): Promise<Address | undefined> => {
  const { url } = reach;
  if (url === undefined) return undefined;
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new BadInput(`--url ${url}: an address such as http://127.0.0.1:4680 is needed`);
  return { url, token: (await tokenOf(reach)) ?? fallback };
};

/** What the file in a data folder says; the service may be gone, as after a power cut. The owner asks unless a token says otherwise. */
export const addressOnFile = async (data: string, reach: Reach): Promise<Address | undefined> => {
  const file = await readServiceFile(data);
  return file && { url: file.url, token: (await tokenOf(reach)) ?? file.secret };
};

/**
 * The service that runs on a data folder. Undefined where none answers, or where another one has taken the port since: only
 * the one that wrote the file knows its secret.
 */
export const serviceOn = async (data: string, reach: Reach = {}): Promise<HttpService | undefined> => {
  const file = await readServiceFile(data);
  if (!file) return undefined;
  try {
    await new HttpService(file.url, file.secret).json({ path: '/version', silenceMs: ON_FILE_MS });
  } catch (error) {
    if (error instanceof ServiceUnreachable || error instanceof ServiceRefused) return undefined;
    throw error;
  }
  const address = await addressOnFile(data, reach);
  return address && new HttpService(address.url, address.token);
};

/** A folder that is in use by a service: the error says where it answers. */
export const namingService = async (error: Error, data: string): Promise<Error> => {
  if (!(error instanceof LogInUse)) return error;
  const file = await readServiceFile(data);
  return file ? new LogInUse(`${error.message}; a service answers for it at ${file.url}`, { cause: error }) : error;
};
