import { constitutionAt, constitutionStream } from '#constitution/domain/constitution.js';
import type { Constitution } from '#constitution/domain/document.js';
import type { Corpus } from '#corpus/domain/corpus.js';
import { chooseFamilies } from '#corpus/domain/families.js';
import type { Family } from '#corpus/domain/family.js';
import { loadCorpus, originOf } from '#corpus/register-corpus.js';
import { Refused } from '#ledger/decider.js';
import { fold } from '#ledger/ledger.js';
import type { RunConfig } from '#run/domain/config.js';
import { runStream, type Started } from '#run/domain/run.js';
import type { ShadowDefinition } from '#suite/domain/draw.js';
import type { ItemSet } from '#suite/domain/items.js';
import type { SealedSuite } from '#suite/domain/suite.js';
import { findSuite, loadDefinition, loadItems } from '#suite/query-suite.js';
import type { JudgingPorts, LoopPorts } from './loop-ports.js';

/** What a run is judged with and no event changes: loaded once, every byte checked against its hash. */
export type JudgingContext = Readonly<{
  config: RunConfig;
  constitution: Constitution;
  /** Names of those that a model wrote. */
  synthetic: ReadonlySet<string>;
  scout: Readonly<{ sealed: SealedSuite; items: ItemSet }>;
  gate: Readonly<{ sealed: SealedSuite; items: ItemSet }>;
  shadow: Readonly<{ sealed: SealedSuite; definition: ShadowDefinition }>;
  report: Readonly<{ sealed: SealedSuite; items: ItemSet }>;
}>;

/** What it works with: also all that it may learn from. */
export type RunContext = JudgingContext &
  Readonly<{ general: Corpus; texts: readonly Corpus[]; families: readonly Family[] }>;

/** A run and the last revision of its stream. @throws Refused when there is none of this name */
export const readRun = async (ports: LoopPorts, run: string): Promise<Readonly<{ run: Started; revision: number }>> => {
  const { state, revision } = await fold(ports.ledger.log, runStream, run);
  if (state.status === 'absent') throw new Refused(`run ${run} does not exist; \`run list\` shows those there are`);
  return { run: state, revision: Number(revision) };
};

export const loadRun = async (ports: LoopPorts, run: string): Promise<Started> => (await readRun(ports, run)).run;

/** The larger part of what a run names, its texts, judges nothing. */
export const loadJudging = async (
  { ledger, artifacts }: Pick<JudgingPorts, 'ledger' | 'artifacts'>,
  config: RunConfig,
): Promise<JudgingContext> => {
  const { state } = await fold(ledger.log, constitutionStream, config.constitution.id);
  const fixed = async (suite: string): Promise<{ sealed: SealedSuite; items: ItemSet }> => {
    const { sealed } = await findSuite(ledger.log, suite);
    return { sealed, items: await loadItems(artifacts, sealed) };
  };
  const origins = await Promise.all(config.texts.map((name) => originOf(ledger.log, name)));
  const shadow = (await findSuite(ledger.log, config.suites.shadow)).sealed;
  return {
    config,
    constitution: constitutionAt(state, config.constitution.version),
    synthetic: new Set(config.texts.filter((_, at) => origins[at]?.kind === 'synthetic')),
    scout: await fixed(config.suites.scout),
    gate: await fixed(config.suites.gate),
    shadow: { sealed: shadow, definition: await loadDefinition(artifacts, shadow) },
    report: await fixed(config.suites.report),
  };
};

export const loadContext = async (ports: LoopPorts, config: RunConfig): Promise<RunContext> => {
  const corpus = (name: string): Promise<Corpus> => loadCorpus(ports.ledger.log, ports.artifacts, name);
  return {
    ...(await loadJudging(ports, config)),
    general: await corpus(config.general),
    texts: await Promise.all(config.texts.map(corpus)),
    families: chooseFamilies(String(config.seed), [...config.targets, ...config.distractors]),
  };
};
