import { constitutionStream, enactConstitution, versionOf } from '#constitution/domain/constitution.js';
import type { Constitution } from '#constitution/domain/document.js';
import { whatTheGateSees, type GateSight } from '#constitution/domain/power.js';
import { requireDocuments, type Corpus } from '#corpus/domain/corpus.js';
import type { CutCorpus } from '#corpus/domain/documents.js';
import type { Origin } from '#corpus/domain/events.js';
import { readPackageCorpus } from '#corpus/package-corpora.js';
import { readCorpus, UnreadableCorpus } from '#corpus/read-corpus.js';
import {
  checkRegistration,
  loadCorpus,
  originOf as authorOf,
  registerCorpus,
  type Provenance,
} from '#corpus/register-corpus.js';
import { wrongBeginning } from '#experiment/domain/beginning.js';
import { knownExperiments } from '#experiment/known-experiments.js';
import { Refused } from '#ledger/decider.js';
import { sha256 } from '#ledger/digest.js';
import { decide, fold, type By } from '#ledger/ledger.js';
import type { RunConfig } from '#run/domain/config.js';
import type { DataOf } from '#run/domain/events.js';
import { type CorpusInput, type RunFile } from '#run/domain/run-file.js';
import { runConfig } from '#run/domain/run-settings.js';
import { runStream } from '#run/domain/run.js';
import { plannedUnits, unstartable } from '#run/domain/startable.js';
import { MINIMUM_DOCUMENTS, WINDOWS_PER_DOCUMENT, type TextSetting } from '#suite/domain/compose-suite.js';
import {
  checkSealing,
  gateSuite,
  reportSuite,
  scoutSuite,
  sealSuite,
  shadowSuite,
  type ComposedSuite,
} from '#suite/seal-suite.js';
import type { LoopPorts } from './loop-ports.js';
import { originOf, shapeOf } from './run-origin.js';

const SCOUT_SEQUENCES_PER_DOMAIN = 16;
/** Queries a gate or shadow suite serves before it must be replaced. */
const REUSE_BUDGET_QUERIES = 200;

/** What a run is started with, said before anything is trained. */
export type Prepared = Readonly<{ data: DataOf<'RunStarted'>; sight: GateSight }>;

/** A corpus of the run; `brought`: what there is to register, undefined for one taken as the log has it. */
type ReadInput = Readonly<{
  corpus: Corpus;
  origin: Origin;
  brought?: Readonly<{ cut: CutCorpus; provenance: Provenance }>;
}>;

const readInput = async (ports: LoopPorts, name: string, input: CorpusInput): Promise<ReadInput> => {
  if ('path' in input) {
    const { licence, origin } = input;
    const brought = await readCorpus(name, input.path, { licence, origin }).catch((error: unknown) => {
      if (!(error instanceof UnreadableCorpus)) throw error;
      throw new UnreadableCorpus(`corpora.${name}.path: ${error.message}`);
    });
    return { corpus: brought.cut.corpus, origin, brought };
  }
  const [form, own] = 'package' in input ? (['package', input.package] as const) : ['registered', input.registered];
  if (name !== own)
    throw new Refused(`corpora.${name}: such text keeps its name; write ${own}: { ${form}: ${own} }, and use ${own}`);
  const { log } = ports.ledger;
  if ('registered' in input)
    return { corpus: await loadCorpus(log, ports.artifacts, own), origin: await authorOf(log, own) };
  const brought = await readPackageCorpus(input.package);
  return { corpus: brought.cut.corpus, origin: brought.provenance.origin, brought };
};

type Inputs = ReadonlyMap<string, ReadInput>;

/** Every corpus that the run names. @throws Refused, UnreadableCorpus, CorpusTooSmall */
const readInputs = async (ports: LoopPorts, file: RunFile, config: RunConfig): Promise<Inputs> => {
  const read = new Map<string, ReadInput>();
  for (const name of new Set([file.general, ...file.texts])) {
    const input = file.corpora[name];
    if (!input)
      throw new Refused(
        `${name === file.general ? 'general' : 'texts'}: "${name}" is used but not described; there are ${Object.keys(file.corpora).join(', ')} in corpora`,
      );
    read.set(name, await readInput(ports, name, input));
  }
  const { documents } = config.evaluation;
  const needs = { train: 1, scout: 1, gate: documents, report: Math.min(MINIMUM_DOCUMENTS, documents) };
  const general = read.get(file.general);
  if (general?.origin.kind === 'synthetic')
    throw new Refused(
      `general: "${file.general}" was written by a model; general quality is measured on text by people, such text may be among texts`,
    );
  if (general) requireDocuments(general.corpus, needs, WINDOWS_PER_DOCUMENT * (config.sequence + 1));
  return read;
};

/** The latest version that says exactly this; one to enact where the name is new. @throws Refused when it stands for other rules */
const findConstitution = async (
  { ledger }: LoopPorts,
  document: Constitution,
): Promise<Readonly<{ constitution: RunConfig['constitution']; enacted: boolean }>> => {
  const id = document.name;
  const { state } = await fold(ledger.log, constitutionStream, id);
  const version = versionOf(state, document);
  if (version === undefined && state.versions.length > 0)
    throw new Refused(
      `constitution.name: "${id}" is enacted with other rules; amend it (\`constitution amend\`), or give this one another name`,
    );
  return { constitution: { id, version: version ?? 1 }, enacted: version !== undefined };
};

/** An experiment's runs are those that it registered, and only they have their names. @throws Refused */
const requireRegistered = async (
  { ledger }: LoopPorts,
  data: DataOf<'RunStarted'>,
  rules: Constitution,
): Promise<void> => {
  const known = await knownExperiments(ledger.log);
  const wrong = wrongBeginning(
    known.map(({ state, seedLeaf }) => ({ registration: state.registration, leaf: seedLeaf })),
    data,
    rules,
  );
  if (wrong !== undefined) throw new Refused(wrong);
};

/** The run's suites as they will be sealed. @throws SuiteTooSmall */
const composeSuites = async (
  ports: LoopPorts,
  config: RunConfig,
  corpora: readonly Corpus[],
  learntFrom: readonly string[],
): Promise<readonly ComposedSuite[]> => {
  const { suites, targets, distractors, evaluation } = config;
  const earlier = learntFrom.filter((name) => !corpora.some((corpus) => corpus.name === name));
  const inherited = await Promise.all(earlier.map((name) => loadCorpus(ports.ledger.log, ports.artifacts, name)));
  const training = [...corpora, ...inherited];
  const general = corpora.find(({ name }) => name === config.general) as Corpus;
  const setting = (suite: string) => ({
    suite,
    runSeed: String(config.seed),
    sequence: config.sequence,
    reuseBudgetQueries: Math.max(REUSE_BUDGET_QUERIES, 2 * config.cycles + 2),
  });
  const text = (minimumDocuments: number): TextSetting => ({
    corpus: general,
    training,
    windowsPerDocument: WINDOWS_PER_DOCUMENT,
    minimumDocuments,
  });
  const reportText = text(Math.min(MINIMUM_DOCUMENTS, evaluation.documents));
  return [
    gateSuite(setting(suites.gate), text(evaluation.documents)),
    scoutSuite(setting(suites.scout), {
      corpora,
      training,
      families: [...targets, ...distractors],
      sequencesPerDomain: SCOUT_SEQUENCES_PER_DOMAIN,
    }),
    shadowSuite(setting(suites.shadow), targets),
    reportSuite(setting(suites.report), reportText, { families: targets, blocks: evaluation.blocks }),
  ];
};

/** The gate's power with this run's unit counts; spreads are the planned ones, since none is measured before a run. */
export const sightOf = (constitution: Constitution, evaluation: RunConfig['evaluation']): GateSight =>
  whatTheGateSees(constitution, plannedUnits(evaluation));

type Planned = Prepared &
  Readonly<{
    brought: readonly NonNullable<ReadInput['brought']>[];
    suites: readonly ComposedSuite[];
    enacted: boolean;
    checkpoint: Uint8Array | undefined;
  }>;

/**
 * Everything a run would stand on, read, composed and checked; nothing is written. Refuses a set-up whose gate could accept
 * nothing.
 * @param experiment the registered experiment that it is a run of; null: it is exploratory
 * @throws Refused, UnreadableCorpus, CorpusTooSmall, SuiteTooSmall
 */
export const planRun = async (ports: LoopPorts, file: RunFile, experiment: string | null = null): Promise<Planned> => {
  const { ledger } = ports;
  const { state } = await fold(ledger.log, runStream, file.run);
  if (state.status !== 'absent') throw new Refused(`run: ${file.run} exists already; choose another name`);
  const planned = runConfig(file, { constitution: { id: 'x', version: 1 }, parent: null });
  const against = unstartable(file.constitution, planned);
  if (against !== undefined) throw new Refused(against);
  const { lineage, parent, checkpoint, learntFrom } = await originOf(ports, file);
  const shaped = checkpoint ? { ...file, model: shapeOf(ports, file, checkpoint) } : file;
  const sight = sightOf(file.constitution, planned.evaluation);
  const inputs = [...(await readInputs(ports, file, planned)).values()];
  const { constitution, enacted } = await findConstitution(ports, file.constitution);
  const config = runConfig(shaped, { constitution, parent, ...(checkpoint && { checkpoint: sha256(checkpoint) }) });
  const data = { config, lineage, experiment };
  await requireRegistered(ports, data, file.constitution);
  const corpora = inputs.map(({ corpus }) => corpus);
  const suites = await composeSuites(ports, config, corpora, learntFrom);
  const brought = inputs.flatMap((input) => input.brought ?? []);
  for (const { cut, provenance } of brought) await checkRegistration(ledger.log, cut, provenance);
  for (const suite of suites) await checkSealing(ledger.log, suite);
  return { data, sight, brought, suites, enacted, checkpoint };
};

/**
 * Brings everything a run stands on into the log: corpora, constitution, sealed suites. All of it is planned before the
 * first write, so that what is refused leaves no trace; the writes are idempotent, so a second try after a crash goes on
 * where the first stopped.
 * @throws Refused, UnreadableCorpus, CorpusTooSmall, SuiteTooSmall
 */
export const prepareRun = async (
  ports: LoopPorts,
  file: RunFile,
  by: By,
  experiment: string | null = null,
): Promise<Prepared> => {
  const { ledger, artifacts } = ports;
  const { data, sight, brought, suites, enacted, checkpoint } = await planRun(ports, file, experiment);
  const { id } = data.config.constitution;
  for (const { cut, provenance } of brought) await registerCorpus(ledger, artifacts, cut, provenance, by);
  if (!enacted) await decide(ledger, constitutionStream, id, enactConstitution(file.constitution), by);
  if (checkpoint) await artifacts.put(checkpoint);
  for (const suite of suites) await sealSuite({ ledger, artifacts, by }, suite);
  return { data, sight };
};
