import { ArtifactErased } from '#audit/domain/log-events.js';
import { publishedLeaves, publishedTile } from '#audit/growing-tree.js';
import { NamedArtifacts } from '#audit/named-artifacts.js';
import { CheckpointBroken, leavesOf } from '#audit/notary.js';
import { publishedCheckpoint } from '#audit/proving.js';
import { NewNames } from '#audit/new-names.js';
import { readRecord } from '#audit/read-entry.js';
import { allEvents, eventSchemas } from '#event-catalogue.js';
import { ArtifactDamaged, ArtifactGone, ArtifactMissing, Artifacts } from '#ledger/artifacts.js';
import { openCheckpoint, type Checkpoint } from '#ledger/checkpoint.js';
import { sha256 } from '#ledger/digest.js';
import type { Log } from '#ledger/log.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import type { Record as LogRecord } from '#ledger/record.js';
import { tilePath, tilesBetween } from '#ledger/tile.js';
import type { TileStore } from '#ledger/tile-store.js';
import type { JudgedWeights } from '#trainer/weights.js';
import {
  artifactPath,
  FILES,
  FORMAT,
  placesOf,
  type Manifest,
  type Scope,
  type WhichArtifacts,
} from './domain/manifest.js';
import { ExportedLog, type Line } from './exported-log.js';
import type { ExportFolder } from './export-folder.js';
import { judgeScope } from './judge-export.js';
import { parseKeys } from './keys.js';
import { streamsOfRun } from './streams-of-run.js';

/** What is exported, and what judges it again on the way. */
export type Source = Readonly<{
  log: Log;
  tiles: TileStore;
  artifacts: Artifacts;
  weights: JudgedWeights;
  /** The stand-alone verifier, and the version of the program it belongs to. */
  verifier: Uint8Array;
  build: string;
}>;

export type Wanted = Readonly<{ scope: Scope; artifacts: WhichArtifacts }>;

export type Written = Readonly<{
  checkpoint: Checkpoint;
  records: number;
  artifacts: number;
  artifactBytes: number;
  /** Artifacts that belong in it and could not be read. */
  lacking: readonly string[];
  /** Runs whose verdicts could not be judged again, and verdicts that come out otherwise. */
  doubts: number;
}>;

export type ExportProgress = (what: string) => void;

/** A stretch of the log that the checkpoint does not reach. */
export class BeyondCheckpoint extends Error {
  override readonly name = 'BeyondCheckpoint';
}

/** Notes which artifacts are asked for. */
class WatchedArtifacts extends Artifacts {
  readonly asked = new Set<string>();

  constructor(private readonly inner: Artifacts) {
    super();
  }

  get(name: string): Promise<Uint8Array> {
    this.asked.add(name);
    return this.inner.get(name);
  }

  has(name: string): Promise<boolean> {
    return this.inner.has(name);
  }

  put(bytes: Uint8Array): Promise<string> {
    return this.inner.put(bytes);
  }

  erase(name: string, why: string): Promise<void> {
    return this.inner.erase(name, why);
  }
}

type Signed = Readonly<{ text: string; key: string; checkpoint: Checkpoint; leaves: Uint8Array }>;

/** @throws NotSigned, NoteInvalid, TileInvalid, CheckpointBroken */
const readSigned = async (tiles: TileStore): Promise<Signed> => {
  const { text } = await publishedCheckpoint(tiles);
  const key = Buffer.from((await tiles.read(FILES.key)) ?? []).toString('utf8');
  const { checkpoint } = openCheckpoint(text, parseKeys(key));
  const leaves = await publishedLeaves(tiles, checkpoint.size);
  if (Buffer.compare(merkleRoot(leavesOf(leaves)), checkpoint.root) !== 0)
    throw new CheckpointBroken('the published hashes do not have the root that is signed');
  return { text, key, checkpoint, leaves };
};

/** Which records belong to it. */
const chosen = async (
  log: Log,
  scope: Scope,
  { size }: Checkpoint,
): Promise<(position: number, stream: string) => boolean> => {
  if (scope.kind === 'log') return () => true;
  if (scope.kind === 'run') {
    const streams = await streamsOfRun(log, scope.run);
    return (_position, stream) => streams.has(stream);
  }
  const { from, through } = scope;
  if (through > size) throw new BeyondCheckpoint(`position ${through}: the checkpoint has ${size} records`);
  return (position) => position >= from && position <= through;
};

/** Whether a record says that something is gone which those before it name: without it, it would be missing. */
const erasesNamed = (record: LogRecord, named: NamedArtifacts): boolean =>
  record.type === ArtifactErased.type && named.knows(ArtifactErased.decode(record).data.artifact);

type Taken = Readonly<{ lines: readonly Line[]; types: ReadonlySet<string>; named: NamedArtifacts }>;

/** Writes the records, each of which must be the one that was signed. */
const writeRecords = async (
  { log }: Source,
  { leaves, checkpoint }: Signed,
  scope: Scope,
  folder: ExportFolder,
  onProgress: ExportProgress,
): Promise<Taken> => {
  const belongs = await chosen(log, scope, checkpoint);
  const lines: Line[] = [];
  const types = new Set<string>();
  const named = new NamedArtifacts();
  const names = new NewNames(allEvents);
  let position = 0;
  await folder.writeLines(FILES.records, async (add) => {
    for await (const { bytes } of log.readAll({ limit: checkpoint.size })) {
      position += 1;
      if (Buffer.compare(leafHash(bytes), leaves.subarray(32 * (position - 1), 32 * position)) !== 0)
        throw new CheckpointBroken(`the record at position ${position} is not the one that was signed; see \`verify\``);
      const { record, hashes } = readRecord(bytes);
      if (!belongs(position, record.stream) && !erasesNamed(record, named)) continue;
      types.add(record.type);
      for (const name of names.in(record, hashes)) named.take(position, name);
      lines.push({ position, bytes });
      await add(bytes);
      if (lines.length % 1000 === 0) onProgress(`${lines.length} records`);
    }
  });
  if (position < checkpoint.size)
    throw new CheckpointBroken(`the log ends after ${position} records, ${checkpoint.size} were signed`);
  return { lines, types, named };
};

const writeTiles = async ({ tiles }: Source, { size }: Checkpoint, folder: ExportFolder): Promise<void> => {
  for (const tile of tilesBetween(0, size))
    if (tile.level !== 'entries') await folder.write(tilePath(tile), await publishedTile(tiles, tile));
};

/** Names of the artifacts that are wanted: judging tells which ones it needs. */
const choose = async (
  source: Source,
  { lines, named }: Taken,
  { scope, artifacts: which }: Wanted,
  onProgress: ExportProgress,
): Promise<Readonly<{ names: readonly string[]; doubts: number }>> => {
  if (which === 'none') return { names: [], doubts: 0 };
  const watched = new WatchedArtifacts(source.artifacts);
  const ports = { ledger: { log: new ExportedLog(lines) }, artifacts: watched, weights: source.weights };
  const judged = await judgeScope(ports, scope, which, (run) => onProgress(`judging run ${run} again`));
  const doubts = judged.disagreements.length + judged.unjudged.length + judged.approvals.unlawful.length;
  const all = which === 'all' ? await named.present(source.artifacts) : [];
  return { names: [...new Set([...watched.asked, ...all])].toSorted(), doubts };
};

const writeArtifacts = async (
  { artifacts }: Source,
  names: readonly string[],
  folder: ExportFolder,
  onProgress: ExportProgress,
): Promise<Pick<Written, 'artifacts' | 'artifactBytes' | 'lacking'>> => {
  const lacking: string[] = [];
  let [written, artifactBytes] = [0, 0];
  for (const [at, name] of names.entries())
    try {
      const bytes = await artifacts.get(name);
      await folder.write(artifactPath(name), bytes);
      artifactBytes += bytes.length;
      written += 1;
      onProgress(`${at + 1} of ${names.length} artifacts`);
    } catch (error) {
      // What was erased cannot be taken along, and the log says so.
      if (error instanceof ArtifactGone) continue;
      if (!(error instanceof ArtifactMissing) && !(error instanceof ArtifactDamaged)) throw error;
      lacking.push(name);
    }
  return { artifacts: written, artifactBytes, lacking };
};

const writeFacts = async (
  { verifier, build }: Source,
  { scope, artifacts }: Wanted,
  { text, key }: Signed,
  { lines, types }: Taken,
  folder: ExportFolder,
): Promise<void> => {
  const places = placesOf(lines.map(({ position }) => position));
  const manifest: Manifest = { format: FORMAT, build, scope, places, artifacts, verifier: sha256(verifier) };
  const schemas = eventSchemas().filter(({ type }) => types.has(type));
  await folder.write(FILES.checkpoint, text);
  await folder.write(FILES.key, key);
  await folder.write(FILES.schemas, `[\n${schemas.map((schema) => JSON.stringify(schema)).join(',\n')}\n]\n`);
  await folder.write(FILES.verifier, verifier);
  await folder.write(FILES.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
};

/**
 * Writes an export of the log as it was last signed. What is wrong with a verdict is exported with it; records that are not the
 * signed ones are not.
 * @throws NotSigned, CheckpointBroken, BeyondCheckpoint, Refused for a run that does not exist
 */
export const writeExport = async (
  source: Source,
  wanted: Wanted,
  folder: ExportFolder,
  onProgress: ExportProgress,
): Promise<Written> => {
  const signed = await readSigned(source.tiles);
  const { checkpoint } = signed;
  const taken = await writeRecords(source, signed, wanted.scope, folder, onProgress);
  await writeTiles(source, checkpoint, folder);
  const { names, doubts } = await choose(source, taken, wanted, onProgress);
  const artifacts = await writeArtifacts(source, names, folder, onProgress);
  await writeFacts(source, wanted, signed, taken, folder);
  await folder.seal();
  return { checkpoint, records: taken.lines.length, ...artifacts, doubts };
};
