import { ArtifactErased } from '#audit/domain/log-events.js';
import { openCheckpoint, type Checkpoint } from '#ledger/checkpoint.js';
import { NoteInvalid, type Verifier } from '#ledger/note.js';
import { plainWeights } from '#trainer/plain-weights.js';
import { checkRecords, type CheckedRecords } from './check-records.js';
import { checkSums, checkVerifier } from './check-sums.js';
import { readTree, wrongGrowth } from './check-tiles.js';
import { FILES, manifestSchema, wrongPlaces, type Manifest } from './domain/manifest.js';
import { reportOf, type ExportFinding, type Report, type Shown } from './domain/report.js';
import { ExportedLog, type Line } from './exported-log.js';
import { ExportedArtifacts, type ExportFiles } from './export-files.js';
import { judgeExport } from './judge-export.js';
import { parseKeys } from './keys.js';

export type CheckOptions = Readonly<{
  /** Keys of the log that came another way than the export. */
  keys?: readonly Verifier[];
  /** A signed checkpoint of the log, kept from earlier. */
  older?: string;
  onProgress?: (what: string) => void;
}>;

/** A checked export; `lines`: its records, where they are those that were signed. */
export type Checked = Readonly<{ report: Report; lines: readonly Line[] }>;

/** A folder without an export. */
export class NoExport extends Error {
  override readonly name = 'NoExport';
}

/** What keeps an export from being read on. */
class Unreadable extends Error {
  constructor(readonly finding: ExportFinding) {
    super(finding.message);
  }
}

const unreadable = (kind: 'file changed' | 'checkpoint invalid', message: string): Unreadable =>
  new Unreadable({ position: null, kind, message });

const textOf = async (files: ExportFiles, path: string): Promise<string> =>
  (await files.read(path))?.toString('utf8') ?? '';

/** @throws Unreadable */
const readManifest = async (files: ExportFiles): Promise<Manifest> => {
  try {
    return manifestSchema.parse(JSON.parse(await textOf(files, FILES.manifest)));
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'its fields are not those of this format';
    throw unreadable('file changed', `${FILES.manifest} cannot be read: ${why}`);
  }
};

/** Reads what only a signature makes worth reading. @throws Unreadable */
const signed = <T>(what: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NoteInvalid)) throw error;
    throw unreadable('checkpoint invalid', `${what}: ${error.message}`);
  }
};

type Opened = Readonly<{ manifest: Manifest; checkpoint: Checkpoint; older: Checkpoint | undefined }>;

/** @throws Unreadable */
const open = async (files: ExportFiles, { keys: given, older }: CheckOptions): Promise<Opened> => {
  const manifest = await readManifest(files);
  const inside = await textOf(files, FILES.key);
  const keys = given ?? signed(FILES.key, () => parseKeys(inside));
  const text = await textOf(files, FILES.checkpoint);
  const { checkpoint } = signed(FILES.checkpoint, () => openCheckpoint(text, keys));
  const wrong = wrongPlaces(manifest, checkpoint.size);
  if (wrong !== undefined) throw unreadable('file changed', `${FILES.manifest}: ${wrong}`);
  const kept = older === undefined ? undefined : signed('the checkpoint given', () => openCheckpoint(older, keys));
  return { manifest, checkpoint, older: kept?.checkpoint };
};

type Judged = Readonly<{ verdicts: Shown['verdicts']; findings: readonly ExportFinding[] }>;

/** By artifact, why it is gone. */
type ErasedWhy = ReadonlyMap<string, string>;

/** Nothing is believed of records that are not those that were signed. */
const erasedIn = async ({ lines, findings }: CheckedRecords): Promise<ErasedWhy> => {
  const erased = new Map<string, string>();
  if (findings.length > 0) return erased;
  for await (const { record } of new ExportedLog(lines).readAll({ types: [ArtifactErased.type] })) {
    const { artifact, reason, requester } = ArtifactErased.decode(record).data;
    erased.set(artifact, `${reason} (by ${requester})`);
  }
  return erased;
};

/** Nothing is judged by records that are not those that were signed. */
const judge = async (
  files: ExportFiles,
  { scope, artifacts: which }: Manifest,
  { lines, findings }: CheckedRecords,
  erased: ErasedWhy,
  onProgress: (what: string) => void,
): Promise<Judged> => {
  if (findings.length > 0) return { verdicts: null, findings: [] };
  const log = new ExportedLog(lines);
  const artifacts = new ExportedArtifacts(files, erased);
  const ports = { ledger: { log }, artifacts, weights: plainWeights };
  return judgeExport(ports, scope, which, (run) => onProgress(`judging run ${run} again`));
};

/** Damage that a finding about the records has named already is not named once more. */
const unnamed = (sums: readonly ExportFinding[], { findings }: CheckedRecords): readonly ExportFinding[] =>
  findings.length === 0 ? sums : sums.filter(({ message }) => !message.startsWith(FILES.records));

const checkAll = async (
  files: ExportFiles,
  sums: readonly ExportFinding[],
  options: CheckOptions,
): Promise<Checked> => {
  const { onProgress = () => undefined, keys } = options;
  const { manifest, checkpoint, older } = await open(files, options);
  const tree = await readTree(files, checkpoint);
  const grown = older && tree.findings.length === 0 ? await wrongGrowth(tree, older, checkpoint) : [];
  const told = (count: number): void => onProgress(`${count} records`);
  const records = await checkRecords(files, manifest, { tree, checkpoint }, told);
  const { tape, streams, artifacts: named } = records.reading;
  const all = manifest.artifacts === 'all';
  const artifacts = await named.check(files.artifacts, (count) => onProgress(`${count} artifacts`), all);
  const erased = await erasedIn(records);
  const judged = await judge(files, manifest, records, erased, onProgress);
  const found = [
    ...records.findings,
    ...artifacts.findings,
    ...judged.findings,
    ...grown,
    ...tree.findings,
    ...unnamed(sums, records),
    ...(await checkVerifier(files, manifest.verifier)),
  ];
  const { size, origin, root } = checkpoint;
  const shown: Shown = {
    scope: manifest.scope,
    build: manifest.build,
    origin,
    size,
    root: Buffer.from(root).toString('hex'),
    completeTo: manifest.scope.kind === 'log' ? size : null,
    key: keys ? 'given' : 'inside',
    older: older?.size ?? null,
    records: tape.count,
    streams,
    artifacts: {
      which: manifest.artifacts,
      count: artifacts.artifacts,
      bytes: artifacts.bytes,
      erased: [...erased].map(([artifact, why]) => ({ artifact, why })),
    },
    verdicts: judged.verdicts,
  };
  return { report: reportOf(found, shown), lines: records.findings.length === 0 ? records.lines : [] };
};

/** Checks all of an export, from its bytes to its verdicts, with nothing but what is in it. Reads only. @throws NoExport */
export const checkExport = async (files: ExportFiles, options: CheckOptions = {}): Promise<Checked> => {
  const there = await Promise.all([FILES.manifest, FILES.sums].map((path) => files.read(path)));
  if (there.every((bytes) => bytes === undefined))
    throw new NoExport(`${files.folder}: there is no export here; it would have a ${FILES.manifest}`);
  const sums = await checkSums(files);
  try {
    return await checkAll(files, sums, options);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { report: reportOf([error.finding, ...sums], null), lines: [] };
  }
};
