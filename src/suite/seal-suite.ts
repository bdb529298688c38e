import type { Corpus } from '#corpus/domain/corpus.js';
import { GENERATORS, chooseFamilies } from '#corpus/domain/families.js';
import { decodeSequences } from '#corpus/domain/plsq.js';
import type { Artifacts } from '#ledger/artifacts.js';
import { sha256 } from '#ledger/digest.js';
import { decide, fold, type By, type Ledger } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { canonicalJson } from '#ledger/record.js';
import {
  composeDocuments,
  composeScout,
  concatenated,
  type ComposedText,
  type TextSetting,
} from './domain/compose-suite.js';
import { drawShadowBlocks, type ShadowDefinition } from './domain/draw.js';
import type { Role } from './domain/events.js';
import { seal, suiteStream, type SealedSuite } from './domain/suite.js';
import { commitment } from './shadow-seed.js';

/** Where a suite is written and by whom. */
export type Sealing = Readonly<{ ledger: Ledger; artifacts: Artifacts; by: By }>;

/** What every suite of a run is sealed with. */
export type SuiteSetting = Readonly<{
  suite: string;
  runSeed: string;
  /** Tokens per sequence. */
  sequence: number;
  reuseBudgetQueries: number;
}>;

const encoder = new TextEncoder();

/** A suite as it would be sealed: its event, and the artifacts that the event names. */
export type ComposedSuite = Readonly<{ data: SealedSuite; artifacts: readonly Uint8Array[] }>;

type Content = Readonly<{
  role: Role;
  metrics: SealedSuite['metrics'];
  composed: ComposedText;
  corpora: readonly string[];
  families: readonly string[];
}>;

const ofItems = (setting: SuiteSetting, content: Content): ComposedSuite => {
  const { suite, sequence, reuseBudgetQueries } = setting;
  const { items, overlapLeftOut } = content.composed;
  const units = encoder.encode(canonicalJson(items.units));
  const itemsArtifact = sha256(items.sequences);
  const data: SealedSuite = {
    suite,
    role: content.role,
    metrics: content.metrics,
    itemsArtifact,
    unitsArtifact: sha256(units),
    items: decodeSequences(items.sequences).length,
    clusters: items.units.length,
    sequence,
    overlapLeftOut,
    seedCommitment: commitment(suite, itemsArtifact),
    reuseBudgetQueries,
    corpora: [...content.corpora],
    families: [...content.families],
  };
  return { data, artifacts: [items.sequences, units] };
};

type Domains = Readonly<
  Pick<TextSetting, 'training'> & {
    corpora: readonly Corpus[];
    families: readonly string[];
    sequencesPerDomain: number;
  }
>;

/** Fixed sequences of every domain; the allocation may read what a model makes of them. @throws SuiteTooSmall */
export const scoutSuite = (setting: SuiteSetting, domains: Domains): ComposedSuite => {
  const { corpora, training, families, sequencesPerDomain } = domains;
  const chosen = chooseFamilies(setting.runSeed, families);
  const { suite, runSeed: seed, sequence } = setting;
  const composed = composeScout({ suite, seed, sequence, corpora, training, families: chosen, sequencesPerDomain });
  const names = corpora.map((corpus) => corpus.name);
  return ofItems(setting, {
    role: 'scout',
    metrics: ['bits-per-byte', 'accuracy'],
    composed,
    corpora: names,
    families: chosen.map((family) => family.name),
  });
};

/** The finite pool of general documents that verdicts are drawn from. @throws SuiteTooSmall */
export const gateSuite = (setting: SuiteSetting, text: TextSetting): ComposedSuite =>
  ofItems(setting, {
    role: 'gate',
    metrics: ['bits-per-byte'],
    composed: composeDocuments(setting.suite, 'gate', text, setting.sequence),
    corpora: [text.corpus.name],
    families: [],
  });

/** Fixed blocks and documents for the registered look at the end. @throws SuiteTooSmall */
export const reportSuite = (
  setting: SuiteSetting,
  text: TextSetting,
  capability: Readonly<{ families: readonly string[]; blocks: number }>,
): ComposedSuite => {
  const { items, overlapLeftOut } = composeDocuments(setting.suite, 'report', text, setting.sequence);
  const definition = definitionOf(setting, capability.families);
  const blocks = drawShadowBlocks(definition, `report/${setting.runSeed}`, capability.blocks);
  return ofItems(setting, {
    role: 'report',
    metrics: ['bits-per-byte', 'accuracy'],
    composed: { items: concatenated(items, blocks), overlapLeftOut },
    corpora: [text.corpus.name],
    families: definition.families,
  });
};

const definitionOf = ({ runSeed, sequence }: SuiteSetting, families: readonly string[]): ShadowDefinition => ({
  generators: GENERATORS,
  runSeed,
  families: chooseFamilies(runSeed, families).map((family) => family.name),
  sequence,
});

/** The generator of the rotated suite: its items exist only once a candidate does. */
export const shadowSuite = (setting: SuiteSetting, families: readonly string[]): ComposedSuite => {
  const { suite, sequence, reuseBudgetQueries } = setting;
  const definition = definitionOf(setting, families);
  const bytes = encoder.encode(canonicalJson(definition));
  const itemsArtifact = sha256(bytes);
  const data: SealedSuite = {
    suite,
    role: 'shadow',
    metrics: ['accuracy'],
    itemsArtifact,
    unitsArtifact: null,
    items: 0,
    clusters: 0,
    sequence,
    overlapLeftOut: 0,
    seedCommitment: commitment(suite, itemsArtifact),
    reuseBudgetQueries,
    corpora: [],
    families: [...definition.families],
  };
  return { data, artifacts: [bytes] };
};

/** Whether {@link sealSuite} would go through; writes nothing. @throws Refused when the name stands for other items */
export const checkSealing = async (log: Log, { data }: ComposedSuite): Promise<void> => {
  seal(data)((await fold(log, suiteStream, data.suite)).state);
};

/** Keeps what a suite is made of and seals it. The same suite again changes nothing. @throws Refused for another one */
export const sealSuite = async (sealing: Sealing, { data, artifacts }: ComposedSuite): Promise<SealedSuite> => {
  for (const bytes of artifacts) await sealing.artifacts.put(bytes);
  await decide(sealing.ledger, suiteStream, data.suite, seal(data), sealing.by);
  return data;
};
