import { constitutionStream, enactConstitution } from '#constitution/domain/constitution.js';
import { policyViolations, regimeViolations, type Constitution } from '#constitution/domain/document.js';
import { plannedMetrics, whatTheGateSees, type GateSight } from '#constitution/domain/power.js';
import { requireDocuments, type Corpus } from '#corpus/domain/corpus.js';
import type { CutCorpus } from '#corpus/domain/documents.js';
import { readPackageCorpus } from '#corpus/package-corpora.js';
import { readCorpus } from '#corpus/read-corpus.js';
import { loadCorpus, registerCorpus, type Provenance } from '#corpus/register-corpus.js';
import { Refused } from '#ledger/decider.js';
import { decide, fold, type By } from '#ledger/ledger.js';
import { canonicalJson } from '#ledger/record.js';
import type { RunConfig } from '#run/domain/config.js';
import type { DataOf } from '#run/domain/events.js';
import { runConfig, type CorpusInput, type RunFile } from '#run/domain/run-file.js';
import { runStream } from '#run/domain/run.js';
import {
  composeDocuments,
  MINIMUM_DOCUMENTS,
  WINDOWS_PER_DOCUMENT,
  type TextSetting,
} from '#suite/domain/compose-suite.js';
import { sealGate, sealReport, sealScout, sealShadow } from '#suite/seal-suite.js';
import type { LoopPorts } from './loop-ports.js';
import { originOf, shapeOf } from './run-origin.js';

const SCOUT_SEQUENCES_PER_DOMAIN = 16;
/** Queries a gate or shadow suite serves before it must be replaced. */
const REUSE_BUDGET_QUERIES = 200;

/** What a run is started with, said before anything is trained. */
export type Prepared = Readonly<{ data: DataOf<'RunStarted'>; sight: GateSight }>;

/** Reads a corpus without writing anything, so that text too small for its suites leaves no trace. */
const readInput = async (
  name: string,
  input: CorpusInput,
): Promise<Readonly<{ cut: CutCorpus; provenance: Provenance }>> => {
  if ('path' in input) return readCorpus(name, input.path, { licence: input.licence, origin: { kind: input.origin } });
  if (name !== input.package)
    throw new Refused(
      `corpora.${name}: packaged text keeps its name; write ${input.package}: { package: ${input.package} }`,
    );
  return readPackageCorpus(input.package);
};

const bringCorpora = async (
  ports: LoopPorts,
  file: RunFile,
  config: RunConfig,
  by: By,
): Promise<ReadonlyMap<string, Corpus>> => {
  const read = new Map<string, Awaited<ReturnType<typeof readInput>>>();
  for (const name of new Set([file.general, ...file.texts])) {
    const input = file.corpora[name];
    if (!input)
      throw new Refused(
        `corpora: "${name}" is used but not described; there are ${Object.keys(file.corpora).join(', ')}`,
      );
    read.set(name, await readInput(name, input));
  }
  const { documents } = config.evaluation;
  const needs = { train: 1, scout: 1, gate: documents, report: Math.min(MINIMUM_DOCUMENTS, documents) };
  const general = read.get(file.general)?.cut.corpus;
  if (general) requireDocuments(general, needs, WINDOWS_PER_DOCUMENT * (config.sequence + 1));
  const corpora = new Map<string, Corpus>();
  for (const [name, { cut, provenance }] of read) {
    await registerCorpus(ports.ledger, ports.artifacts, cut, provenance, by);
    corpora.set(name, await loadCorpus(ports.ledger.log, ports.artifacts, name));
  }
  return corpora;
};

/** The version that says exactly this; a new document is enacted, one that differs under a known name is refused. */
const bringConstitution = async (
  { ledger }: LoopPorts,
  document: Constitution,
  by: By,
): Promise<RunConfig['constitution']> => {
  const id = document.name;
  const { state } = await fold(ledger.log, constitutionStream, id);
  const same = state.versions.findIndex((version) => canonicalJson(version) === canonicalJson(document));
  if (same >= 0) return { id, version: same + 1 };
  if (state.versions.length > 0)
    throw new Refused(
      `constitution.name: "${id}" is enacted with other rules; amend it, or give this one another name`,
    );
  await decide(ledger, constitutionStream, id, enactConstitution(document), by);
  return { id, version: 1 };
};

const checkScope = (constitution: Constitution, config: RunConfig): void => {
  for (const { regime, fromCycle } of config.regimes) {
    const [violation] = [...regimeViolations(constitution, regime), ...policyViolations(constitution, config.policy)];
    if (violation)
      throw new Refused(
        `regime "${regime.label}" from cycle ${fromCycle}: ${violation.field} is ${violation.value}; ` +
          `constitution "${constitution.name}" allows ${violation.allowed}`,
      );
    if (regime.sequence !== config.sequence)
      throw new Refused(
        `regime "${regime.label}": sequence is ${regime.sequence}; the run's is ${config.sequence}, both must be equal`,
      );
  }
};

const sealSuites = async (
  ports: LoopPorts,
  config: RunConfig,
  corpora: ReadonlyMap<string, Corpus>,
  learntFrom: readonly string[],
  by: By,
): Promise<void> => {
  const { suites, targets, distractors, evaluation } = config;
  const sealing = { ledger: ports.ledger, artifacts: ports.artifacts, by };
  const earlier = learntFrom.filter((name) => !corpora.has(name));
  const inherited = await Promise.all(earlier.map((name) => loadCorpus(ports.ledger.log, ports.artifacts, name)));
  const training = [...corpora.values(), ...inherited];
  const general = corpora.get(config.general) as Corpus;
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
  const gateText = text(evaluation.documents);
  const reportText = text(Math.min(MINIMUM_DOCUMENTS, evaluation.documents));
  // Composed before anything is sealed: text that is too small leaves no suite under this run's name.
  composeDocuments(suites.report, 'report', reportText, config.sequence);
  await sealGate(sealing, setting(suites.gate), gateText);
  await sealScout(sealing, setting(suites.scout), {
    corpora: [...corpora.values()],
    training,
    families: [...targets, ...distractors],
    sequencesPerDomain: SCOUT_SEQUENCES_PER_DOMAIN,
  });
  await sealShadow(sealing, setting(suites.shadow), targets);
  await sealReport(sealing, setting(suites.report), reportText, { families: targets, blocks: evaluation.blocks });
};

/** The gate's power with this run's unit counts; spreads are the planned ones, since none is measured before a run. */
export const sightOf = (constitution: Constitution, evaluation: RunConfig['evaluation']): GateSight =>
  whatTheGateSees(
    constitution,
    plannedMetrics.map((metric) => ({
      ...metric,
      units: metric.metric === 'capability' ? evaluation.blocks : evaluation.documents,
    })),
  );

/**
 * Brings everything a run stands on into the log: corpora, constitution, sealed suites. All of it is idempotent, so a
 * second try after a failure goes on where the first stopped. Refuses a set-up whose gate could accept nothing.
 * @throws Refused, UnreadableCorpus, SuiteTooSmall
 */
export const prepareRun = async (ports: LoopPorts, file: RunFile, by: By): Promise<Prepared> => {
  const { state } = await fold(ports.ledger.log, runStream, file.run);
  if (state.status !== 'absent') throw new Refused(`run: ${file.run} exists already; choose another name`);
  const planned = runConfig(file, { constitution: { id: 'x', version: 1 }, parent: null });
  checkScope(file.constitution, planned);
  const { lineage, parent, checkpoint, learntFrom } = await originOf(ports, file);
  const shaped = checkpoint ? { ...file, model: shapeOf(ports, file, checkpoint) } : file;
  const sight = sightOf(file.constitution, planned.evaluation);
  if (sight.hopeless) throw new Refused(sight.hopeless);
  const corpora = await bringCorpora(ports, file, planned, by);
  const constitution = await bringConstitution(ports, file.constitution, by);
  const given = checkpoint && (await ports.artifacts.put(checkpoint));
  const config = runConfig(shaped, { constitution, parent, ...(given && { checkpoint: given }) });
  await sealSuites(ports, config, corpora, learntFrom, by);
  return { data: { config, lineage, exploratory: true }, sight };
};
