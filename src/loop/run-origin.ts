import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { constitutionAt, constitutionStream, versionOf } from '#constitution/domain/constitution.js';
import { ArtifactMissing } from '#ledger/artifacts.js';
import { Refused } from '#ledger/decider.js';
import { sha256 } from '#ledger/digest.js';
import { fold } from '#ledger/ledger.js';
import { canonicalJson } from '#ledger/record.js';
import { modelSchema, type RunConfig } from '#run/domain/config.js';
import { lineageOf, ownLineage, promotedBy, rootsBehind, ruledBy, type Lineage } from '#run/domain/lineage.js';
import { isArtifact } from '#run/domain/local-files.js';
import type { RunFile } from '#run/domain/run-file.js';
import type { Started } from '#run/domain/run.js';
import { checkConfig, ForeignCheckpoint, fromHuggingFace } from '#trainer/hugging-face.js';
import type { Weights } from '#trainer/weights.js';
import { knownRuns } from './known-runs.js';
import type { LoopPorts } from './loop-ports.js';

const orAbsent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT') return undefined;
  throw error;
};

/**
 * Weights in the encoding of the contract, whoever saved them. A config.json that lies beside is held against it.
 * @param path a folder with model.safetensors, or the file
 * @throws Refused
 */
export const readCheckpointFile = async (path: string): Promise<Uint8Array> => {
  const file = path.endsWith('.safetensors') ? path : join(path, 'model.safetensors');
  try {
    const config = await readFile(join(dirname(file), 'config.json'), 'utf8').catch(orAbsent);
    if (config !== undefined) checkConfig(config);
    return fromHuggingFace(await readFile(file));
  } catch (error) {
    if (error instanceof ForeignCheckpoint) throw new Refused(`base.checkpoint: ${path}: ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    throw new Refused(`base.checkpoint: ${file} cannot be read (${code}); name a folder with model.safetensors`);
  }
};

/** Reads a checkpoint, an artifact of the log or a file, without writing anything. */
const readCheckpoint = async ({ artifacts }: LoopPorts, path: string): Promise<Uint8Array> => {
  if (isArtifact(path))
    return artifacts.get(path).catch((error: unknown) => {
      if (!(error instanceof ArtifactMissing)) throw error;
      throw new Refused(
        `base.checkpoint: there is no artifact ${path}; send its bytes to PUT /v1/artifacts/${path}, or name a folder with model.safetensors`,
      );
    });
  return readCheckpointFile(path);
};

/** What the trainer calls bytes that are no weights it knows. */
const INVALID = 'TRAINER_INVALID';

const describe = ({ weights }: LoopPorts, where: string, checkpoint: Uint8Array): ReturnType<Weights['describe']> => {
  if (checkpoint.length === 0) throw new Refused(`${where}: the file is empty; a safetensors file is needed`);
  try {
    return weights.describe(checkpoint);
  } catch (error) {
    if ((error as { code?: unknown }).code !== INVALID) throw error;
    throw new Refused(`${where}: cannot be used: ${(error as Error).message.replace(/^checkpoint: /, '')}`);
  }
};

/** A run that begins from weights has their shape; the file may repeat it, not change it. */
export const shapeOf = (ports: LoopPorts, file: RunFile, checkpoint: Uint8Array): RunConfig['model'] => {
  const where = 'checkpoint' in file.base ? `base.checkpoint: ${file.base.checkpoint}` : `parent: ${file.parent}`;
  const { model, finite } = describe(ports, where, checkpoint);
  if (!finite) throw new Refused(`${where}: a weight is not a finite number; nothing can be learnt from it`);
  if ('attention' in model)
    throw new Refused(`${where}: has attention layers; the model of a run is pure Mamba-2, so name one without`);
  const other = Object.entries(file.model).find(([field, value]) => value !== undefined && value !== model[field]);
  if (other)
    throw new Refused(
      `model.${other[0]}: ${other[1]}; the checkpoint it begins from has ${model[other[0]]}: leave it out`,
    );
  const parsed = modelSchema.safeParse(model);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refused(`${where}: its ${issue?.path.join('.')} cannot be used here: ${issue?.message}`);
};

/** @param runs every run in the log; a lineage that none of them began has no rules to keep */
const checkRules = async (
  ports: LoopPorts,
  { constitution }: RunFile,
  runs: readonly Started[],
  { root, judgedBefore }: Lineage,
): Promise<void> => {
  const ruling = ruledBy(root, runs);
  if (!ruling) return;
  const { id, version } = ruling;
  const { state } = await fold(ports.ledger.log, constitutionStream, id);
  const { alphaPlan } = constitutionAt(state, version);
  const [planned, asked] = [canonicalJson(alphaPlan), canonicalJson(constitution.alphaPlan)];
  if (planned !== asked)
    throw new Refused(`constitution.alphaPlan: ${asked}; the lineage of ${root} has ${planned}, and keeps it`);
  if (judgedBefore >= alphaPlan.kMax)
    throw new Refused(
      `parent: the lineage of ${root} has judged all ${alphaPlan.kMax} candidates of its plan (alphaPlan.kMax); nothing more can be accepted on it`,
    );
  if (constitution.name !== id)
    throw new Refused(
      `constitution.name: "${constitution.name}"; the lineage of ${root} is judged by "${id}", and keeps it: amend that one (\`constitution amend\`)`,
    );
  const same = versionOf(state, constitution);
  if (same !== undefined && same < version)
    throw new Refused(
      `constitution: says what version ${same} of "${id}" says; the lineage of ${root} is at version ${version}, and goes back to none before it`,
    );
};

/** Where a run begins: fresh weights, a checkpoint of one's own, or the champion of the run whose lineage it joins. */
export type Origin = Readonly<{
  lineage: Lineage;
  parent: RunConfig['parent'];
  checkpoint: Uint8Array | undefined;
  /** Names of the corpora that runs of the lineage have learnt from. */
  learntFrom: readonly string[];
}>;

/** A lineage cannot be shed by starting anew: not by bringing its weights from outside, nor by other rules. */
export const originOf = async (ports: LoopPorts, file: RunFile): Promise<Origin> => {
  const runs = await knownRuns(ports.ledger.log);
  const path = 'checkpoint' in file.base ? file.base.checkpoint : undefined;
  if (file.parent === undefined) {
    const checkpoint = path === undefined ? undefined : await readCheckpoint(ports, path);
    const promoter = checkpoint && promotedBy(sha256(checkpoint), runs);
    if (promoter)
      throw new Refused(
        `base.checkpoint: run ${promoter} promoted these very weights; write "parent: ${promoter}" instead, so that its alpha and its anchor count on`,
      );
    return { lineage: ownLineage(file.run), parent: null, checkpoint, learntFrom: [] };
  }
  if (path !== undefined)
    throw new Refused('base.checkpoint: a run with a parent begins from its champion; leave out one of the two');
  const lineage = lineageOf(file.parent, runs, file.run);
  const from = runs.find(({ config }) => config.run === file.parent) as Started;
  await checkRules(ports, file, runs, lineage);
  const champion = from.champion as string;
  const roots = [lineage.root, ...rootsBehind(from, runs)];
  const kin = runs.filter((run) => roots.includes(run.lineage.root));
  return {
    lineage,
    parent: { run: file.parent, champion },
    checkpoint: await ports.artifacts.get(champion),
    learntFrom: [...new Set(kin.flatMap(({ config }) => [config.general, ...config.texts]))],
  };
};
