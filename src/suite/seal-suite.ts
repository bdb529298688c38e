import type { Corpus } from '#corpus/domain/corpus.js';
import { GENERATORS, chooseFamilies } from '#corpus/domain/families.js';
import { decodeSequences } from '#corpus/domain/plsq.js';
import type { Artifacts } from '#ledger/artifacts.js';
import { decide, type By, type Ledger } from '#ledger/ledger.js';
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

type Content = Readonly<{
  role: Role;
  metrics: SealedSuite['metrics'];
  composed: ComposedText;
  corpora: readonly string[];
  families: readonly string[];
}>;

const append = async ({ ledger, by }: Sealing, data: SealedSuite): Promise<SealedSuite> => {
  await decide(ledger, suiteStream, data.suite, seal(data), by);
  return data;
};

const sealItems = async (sealing: Sealing, setting: SuiteSetting, content: Content): Promise<SealedSuite> => {
  const { suite, sequence, reuseBudgetQueries } = setting;
  const { items, overlapLeftOut } = content.composed;
  const itemsArtifact = await sealing.artifacts.put(items.sequences);
  return append(sealing, {
    suite,
    role: content.role,
    metrics: content.metrics,
    itemsArtifact,
    unitsArtifact: await sealing.artifacts.put(encoder.encode(canonicalJson(items.units))),
    items: decodeSequences(items.sequences).length,
    clusters: items.units.length,
    sequence,
    overlapLeftOut,
    seedCommitment: commitment(suite, itemsArtifact),
    reuseBudgetQueries,
    corpora: [...content.corpora],
    families: [...content.families],
  });
};

/** Fixed sequences of every domain; the allocation may read what a model makes of them. @throws SuiteTooSmall */
export const sealScout = async (
  sealing: Sealing,
  setting: SuiteSetting,
  domains: Readonly<
    Pick<TextSetting, 'training'> & {
      corpora: readonly Corpus[];
      families: readonly string[];
      sequencesPerDomain: number;
    }
  >,
): Promise<SealedSuite> => {
  const { corpora, training, families, sequencesPerDomain } = domains;
  const chosen = chooseFamilies(setting.runSeed, families);
  const { suite, runSeed: seed, sequence } = setting;
  const composed = composeScout({ suite, seed, sequence, corpora, training, families: chosen, sequencesPerDomain });
  const names = corpora.map((corpus) => corpus.name);
  return sealItems(sealing, setting, {
    role: 'scout',
    metrics: ['bits-per-byte', 'accuracy'],
    composed,
    corpora: names,
    families: chosen.map((family) => family.name),
  });
};

/** The finite pool of general documents that verdicts are drawn from. @throws SuiteTooSmall */
export const sealGate = async (sealing: Sealing, setting: SuiteSetting, text: TextSetting): Promise<SealedSuite> =>
  sealItems(sealing, setting, {
    role: 'gate',
    metrics: ['bits-per-byte'],
    composed: composeDocuments(setting.suite, 'gate', text, setting.sequence),
    corpora: [text.corpus.name],
    families: [],
  });

/** Fixed blocks and documents for the registered look at the end. @throws SuiteTooSmall */
export const sealReport = async (
  sealing: Sealing,
  setting: SuiteSetting,
  text: TextSetting,
  capability: Readonly<{ families: readonly string[]; blocks: number }>,
): Promise<SealedSuite> => {
  const { items, overlapLeftOut } = composeDocuments(setting.suite, 'report', text, setting.sequence);
  const definition = definitionOf(setting, capability.families);
  const blocks = drawShadowBlocks(definition, `report/${setting.runSeed}`, capability.blocks);
  return sealItems(sealing, setting, {
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
export const sealShadow = async (
  sealing: Sealing,
  setting: SuiteSetting,
  families: readonly string[],
): Promise<SealedSuite> => {
  const { suite, sequence, reuseBudgetQueries } = setting;
  const definition = definitionOf(setting, families);
  const itemsArtifact = await sealing.artifacts.put(encoder.encode(canonicalJson(definition)));
  return append(sealing, {
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
  });
};
