import { constitutionAt, constitutionStream } from '#constitution/domain/constitution.js';
import { ArtifactGone } from '#ledger/artifacts.js';
import { canonicalJson, type Record } from '#ledger/record.js';
import { fold, streamName } from '#ledger/ledger.js';
import { verdictOf } from '#loop/judge-step.js';
import { knownRuns } from '#loop/known-runs.js';
import type { JudgingPorts } from '#loop/loop-ports.js';
import { loadJudging, type JudgingContext } from '#loop/run-context.js';
import { violationsOf } from '#loop/update-step.js';
import { rememberedAt, replayWeights } from '#memory/domain/episodic.js';
import { forecastAt } from '#memory/domain/predictive.js';
import { claimOf } from '#memory/remember.js';
import { regimeInForce } from '#run/domain/adaptation.js';
import type { DataOf } from '#run/domain/events.js';
import { lineageOf, ownLineage, ruledBy } from '#run/domain/lineage.js';
import type { Cycle } from '#run/domain/cycle.js';
import { runStream, type Started } from '#run/domain/run.js';
import { checkCalibration } from './check-calibration.js';
import { checkControls } from './check-controls.js';
import { checkProbe } from './check-probe.js';
import { checkUpdate } from './check-update.js';
import type { Disagreement } from './domain/finding.js';
import { firstUnlawful } from './lawful-history.js';
import { wrongAnswers, wrongInterpolation, wrongQualityDrift } from './wrong-adaptation.js';

export type Rejudged = Readonly<{
  verdicts: number;
  agreed: number;
  disagreements: readonly Disagreement[];
  /** Cycles whose evidence was erased, and why. */
  erased: readonly Readonly<{ cycle: number; message: string }>[];
}>;

type Judged = Readonly<{ ports: JudgingPorts; context: JudgingContext; run: Started; records: readonly Record[] }>;

const wrongProbes = async (
  { ports, context, run }: Judged,
  probes: readonly DataOf<'ProbesRecorded'>[],
): Promise<readonly Disagreement[]> => {
  const found: Disagreement[] = [];
  for (const probe of probes)
    for (const { field, recorded, recomputed } of await checkProbe(ports, context, run, probe)) {
      const what = `${field} of the ${probe.role} probes of the ${probe.subject}`;
      found.push({ run: run.config.run, cycle: probe.cycle, what, recorded, recomputed });
    }
  return found;
};

const wrongControls = async ({ ports, context, run }: Judged, cycle: Cycle): Promise<readonly Disagreement[]> =>
  (await checkControls(ports, context, run, cycle)).map(({ field, ...values }) => {
    return { run: run.config.run, cycle: cycle.cycle, what: `${field} of the controls`, ...values };
  });

const wrongUpdate = async ({ ports, run }: Judged, cycle: Cycle): Promise<readonly Disagreement[]> =>
  (await checkUpdate(ports, cycle)).map(({ field, ...values }) => {
    return { run: run.config.run, cycle: cycle.cycle, what: `${field} of the update`, ...values };
  });

const wrongCalibration = async ({ ports, context, run }: Judged, whole: Cycle): Promise<readonly Disagreement[]> => {
  const found: Disagreement[] = [];
  for (const measured of whole.calibration)
    for (const { field, recorded, recomputed } of await checkCalibration(ports, context, whole, measured)) {
      const what = `${field} of the calibration of the ${measured.subject}`;
      found.push({ run: run.config.run, cycle: whole.cycle, what, recorded, recomputed });
    }
  return found;
};

const differences = (run: string, verdict: DataOf<'VerdictReached'>, again: object): readonly Disagreement[] =>
  Object.entries(again).flatMap(([what, value]) => {
    const [recorded, recomputed] = [canonicalJson(verdict[what as keyof typeof verdict]), canonicalJson(value)];
    return recorded === recomputed ? [] : [{ run, cycle: verdict.cycle, what, recorded, recomputed }];
  });

/** What was proposed must be what the run's configuration and its constitution say for the cycle. */
const wrongProposal = ({ context, run }: Judged, { cycle, proposal, refused }: Cycle): readonly Disagreement[] => {
  if (!proposal) return [];
  const { config } = context;
  const trains = proposal.batches !== null;
  // Built again from the whole past, so only where something follows from it.
  const follows = trains || context.synthetic.size > 0;
  const remembered = follows ? rememberedAt(run, proposal.champion, cycle) : undefined;
  const replayWeightsPpm = replayWeights(config, remembered ?? {});
  const { sequences: _sequences, ...memory } = proposal.memory ?? {};
  const forecast = trains && config.memory.predictive ? forecastAt(run, proposal) : null;
  const claims = {
    regime: [proposal.regime, regimeInForce(run, cycle, context.constitution.scope)],
    policy: [proposal.allocation.policy, config.policy],
    constitution: [proposal.constitution, config.constitution],
    violations: [refused?.violations ?? [], violationsOf(context, { ...proposal, replayWeightsPpm })],
    memory: [memory, trains && remembered ? claimOf(config, remembered) : {}],
    forecast: [proposal.forecast, forecast],
  };
  return Object.entries(claims).flatMap(([field, values]) => {
    const [recorded = '', recomputed = ''] = values.map(canonicalJson);
    const what = `${field} of the proposal`;
    return recorded === recomputed ? [] : [{ run: config.run, cycle, what, recorded, recomputed }];
  });
};

const rejudgeCycle = async (judged: Judged, whole: Cycle): Promise<readonly Disagreement[]> => {
  const { ports, context, run, records } = judged;
  const { cycle, verdict, probes } = whole;
  const ofProbes = await wrongProbes(judged, probes);
  const wrong = [
    ...wrongProposal(judged, whole),
    ...(await wrongUpdate(judged, whole)),
    ...(await wrongInterpolation(judged, whole)),
    ...ofProbes,
    ...(await wrongControls(judged, whole)),
    ...(await wrongCalibration(judged, whole)),
    // That it differs too where the probes do goes without saying.
    ...(ofProbes.length === 0 ? await wrongQualityDrift(judged, whole) : []),
  ];
  if (!verdict) return wrong;
  const again = await verdictOf(ports, context, run, records, cycle);
  return [...differences(context.config.run, verdict, again), ...wrong];
};

/** What was found, or why it cannot be: what it would be found in was erased. */
const unlessErased = <T>(found: Promise<T>): Promise<T | string> =>
  found.catch((error: unknown) => {
    if (error instanceof ArtifactGone) return error.message;
    throw error;
  });

/** What no rule of the run would have written: a promotion without its ACCEPT, evidence of other weights. */
const unlawful = ({ run, records }: Judged): readonly Disagreement[] => {
  const found = firstUnlawful(records);
  if (!found) return [];
  const { revision, type, because } = found;
  const cycle = Number(records.find((record) => record.revision === revision)?.data['cycle'] ?? 0);
  const recomputed = `none that the rules write (${because})`;
  return [{ run: run.config.run, cycle, what: `the event at revision ${revision}`, recorded: type, recomputed }];
};

/** Rules that a run may not have: a lineage keeps its constitution and alpha plan, and goes back to no earlier version. */
const wrongRules = async (
  { ports, context, run }: Judged,
  runs: readonly Started[],
): Promise<readonly Disagreement[]> => {
  const ruling = ruledBy(run.lineage.root, runs);
  if (!ruling) return [];
  const { run: id, constitution } = run.config;
  const { state } = await fold(ports.ledger.log, constitutionStream, ruling.id);
  const { alphaPlan } = constitutionAt(state, ruling.version);
  const kept = constitution.id === ruling.id && constitution.version >= ruling.version;
  if (kept && canonicalJson(context.constitution.alphaPlan) === canonicalJson(alphaPlan)) return [];
  const recomputed = `${ruling.id} v${ruling.version}, or a later version with the same alphaPlan`;
  return [{ run: id, cycle: 0, what: 'constitution', recorded: canonicalJson(constitution), recomputed }];
};

/** Root anchor, count and alpha that a run began with: those of every run on its lineage before it. */
const wrongLineage = async (judged: Judged): Promise<readonly Disagreement[]> => {
  const { ports, run } = judged;
  const { run: id, parent, base } = run.config;
  const runs = await knownRuns(ports.ledger.log, ({ stream }) => stream === streamName(runStream, id));
  const again = parent ? lineageOf(parent.run, runs, id) : ownLineage(id);
  const found = [...(await wrongRules(judged, runs))];
  const [recorded, recomputed] = [canonicalJson(run.lineage), canonicalJson(again)];
  if (recorded !== recomputed) found.push({ run: id, cycle: 0, what: 'lineage', recorded, recomputed });
  const accepted = runs.find(({ config }) => config.run === parent?.run)?.accepted ?? [];
  const given = base.kind === 'checkpoint' ? base.checkpoint : 'fresh weights';
  if (parent && !(accepted.includes(given) && given === parent.champion))
    found.push({ run: id, cycle: 0, what: 'base', recorded: given, recomputed: `one of ${accepted.join(', ')}` });
  return found;
};

/**
 * Recomputes a run's verdicts from its recorded evidence, by the constitution the log holds: the results must be those of
 * the items that the candidate's hash draws, every figure and verdict must follow from them, and every event must be one
 * that the run's rules write. That the results are what the weights give is for a replay to show. Reads only.
 */
export const rejudgeRun = async (
  ports: JudgingPorts,
  id: string,
  only: Readonly<{ cycle?: number }> = {},
): Promise<Rejudged> => {
  const { state, records } = await fold(ports.ledger.log, runStream, id);
  if (state.status === 'absent') return { verdicts: 0, agreed: 0, disagreements: [], erased: [] };
  const judged = { ports, context: await loadJudging(ports, state.config), run: state, records };
  const whole = only.cycle === undefined;
  const disagreements: Disagreement[] = whole
    ? [...unlawful(judged), ...(await wrongLineage(judged)), ...wrongAnswers(judged)]
    : [];
  const erased: { cycle: number; message: string }[] = [];
  let [verdicts, agreed] = [0, 0];
  for (const cycle of state.cycles) {
    if (!whole && only.cycle !== cycle.cycle) continue;
    const found = await unlessErased(rejudgeCycle(judged, cycle));
    verdicts += cycle.verdict ? 1 : 0;
    if (typeof found === 'string') {
      erased.push({ cycle: cycle.cycle, message: found });
      continue;
    }
    agreed += cycle.verdict && found.length === 0 ? 1 : 0;
    disagreements.push(...found);
  }
  const reported = whole ? await unlessErased(wrongProbes(judged, state.reported)) : [];
  if (typeof reported === 'string') erased.push({ cycle: state.config.cycles, message: reported });
  else disagreements.push(...reported);
  return { verdicts, agreed, disagreements, erased };
};
