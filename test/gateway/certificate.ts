import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate for `localhost` that signs itself and whose key everybody knows: for tests only, until 2126. */
export const CERTIFICATE_FILE = join(process.cwd(), 'test', 'gateway', 'localhost.cert.pem');
export const KEY_FILE = join(process.cwd(), 'test', 'gateway', 'localhost.key.pem');
export const TEST_TLS = { cert: readFileSync(CERTIFICATE_FILE), key: readFileSync(KEY_FILE) };
