import { basename, resolve } from 'node:path';
import type { Origin } from '#corpus/domain/events.js';
import { readTextFiles, UnreadableCorpus } from '#corpus/read-corpus.js';
import { readCheckpointFile } from '#loop/run-origin.js';
import { isArtifact } from '#run/domain/local-files.js';
import type { RunFile } from '#run/domain/run-file.js';
import { HttpArtifacts } from '#store/http-artifacts.js';
import type { HttpService } from '#store/http-service.js';
import type { Fields } from './run-file.js';
import type { Session } from './session.js';

const TEXT_LINES = 'application/x-ndjson';
/** Cutting a quarter of a gigabyte into documents takes the service some seconds. */
const SILENCE_MS = 300_000;

type OwnText = Readonly<{ path: string; licence: string; origin: Origin }>;

const sendCorpus = async (service: HttpService, name: string, { path, licence, origin }: OwnText): Promise<void> => {
  const { files, skipped } = await readTextFiles(path).catch((error: unknown) => {
    if (!(error instanceof UnreadableCorpus)) throw error;
    throw new UnreadableCorpus(`corpora.${name}.path: ${error.message}`);
  });
  const terms = {
    licence,
    source: basename(resolve(path)),
    filesSkipped: String(skipped.length),
    ...(origin.kind === 'synthetic' && { model: origin.model }),
  };
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const lines = async function* (): AsyncGenerator<Uint8Array> {
    for (const file of files)
      yield Buffer.from(`${JSON.stringify({ name: file.name, text: decoder.decode(file.bytes) })}\n`);
  };
  await service.json({
    method: 'PUT',
    path: `/v1/corpora/${name}?${new URLSearchParams(terms).toString()}`,
    body: { type: TEXT_LINES, content: lines },
    silenceMs: SILENCE_MS,
  });
};

const used = ({ general, texts }: RunFile): ReadonlySet<string> => new Set([general, ...texts]);

/** Whether a run file names text of this machine that its run would learn from or be measured on. */
export const sendsText = (file: RunFile): boolean =>
  [...used(file)].some((name) => 'path' in (file.corpora[name] ?? {}));

/**
 * Sends a service the text and the checkpoint of this machine that a run file names, since it reads no files for a client;
 * answers the file with their names there.
 * @param checked what the fields come to
 */
export const sendLocalFiles = async (
  session: Session,
  service: HttpService,
  fields: Fields,
  checked: RunFile,
): Promise<Fields> => {
  const { progress } = session.screen;
  const corpora: Fields = {};
  for (const [name, input] of Object.entries(checked.corpora)) {
    if (!('path' in input)) {
      corpora[name] = input;
      continue;
    }
    corpora[name] = { registered: name };
    if (!used(checked).has(name)) continue;
    progress.working(`sending the text of ${name}`);
    await sendCorpus(service, name, input);
  }
  const { base } = checked;
  if (!('checkpoint' in base) || isArtifact(base.checkpoint)) return { ...fields, corpora };
  const weights = await readCheckpointFile(base.checkpoint);
  progress.working('sending the checkpoint');
  return { ...fields, corpora, base: { checkpoint: await new HttpArtifacts(service).put(weights) } };
};
