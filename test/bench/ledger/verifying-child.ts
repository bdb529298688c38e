/** Verifies the records, the root and the artifacts of a data folder, then publishes its log anew; prints seconds and memory. */
import { verifyFolder } from '#audit/verify-folder.js';
import { auditedFolder } from '#audited-folder.js';
import { dataFolder } from '#store/data-folder.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { elapsed, memoryOf } from '../service/measure.js';
import { notaryOf } from './stores.js';

const [data = '', published = ''] = process.argv.slice(2);

const [verified, verifyMs] = await elapsed(() => verifyFolder(auditedFolder(data)));
const { mostMb } = await memoryOf(process.pid);
if (!verified.ok) throw new Error(JSON.stringify(verified.findings));
const log = await LmdbLog.open(dataFolder(data).log, { readOnly: true });
const [head, publishMs] = await elapsed(() => notaryOf(published).advance(log));
await log.close();
if (head.root !== verified.root) throw new Error(`published ${head.root}, verified ${verified.root}`);
const { events, artifacts } = verified;
process.stdout.write(`${JSON.stringify({ events, artifacts, verifyMs, publishMs, mostMb })}\n`);
