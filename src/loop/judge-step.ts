import { judge, rejectMissing } from '#constitution/domain/judge.js';
import type { Verdict } from '#constitution/domain/verdict.js';
import { evaluatorActor, service } from '#doors/actors.js';
import {
  klDrift,
  pairedDifferences,
  probeDrift,
  summarisePaired,
  weightDrift,
  type Drift,
} from '#evaluation/domain/drift.js';
import { updateCosine, type Move } from '#evaluation/domain/update-cosine.js';
import { decodeCalibration, type CalibrationResults } from '#evaluation/domain/calibration-results.js';
import { decodeResults, type ItemResults } from '#evaluation/domain/item-results.js';
import { outcomeDigest } from '#ledger/digest.js';
import { decide, fold } from '#ledger/ledger.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import type { Record } from '#ledger/record.js';
import { honeypotsHeld } from '#run/domain/controls.js';
import { candidateOf } from '#run/domain/deciding.js';
import { measureDrift, reachVerdict } from '#run/domain/evidence-decisions.js';
import type { DataOf } from '#run/domain/events.js';
import { assembleEvidence, EvidenceMissing, GENERAL_METRIC, lineageAt, unitValues } from '#run/domain/evidence.js';
import { qualityCusum } from '#run/domain/quality-cusum.js';
import type { Cycle } from '#run/domain/cycle.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import type { Artifacts } from '#ledger/artifacts.js';
import type { JudgedWeights, Weights } from '#trainer/weights.js';
import type { LoopPorts } from './loop-ports.js';
import type { RunContext } from './run-context.js';

export const probesOf = (cycle: Cycle, subject: string): readonly DataOf<'ProbesRecorded'>[] =>
  cycle.probes.filter((probe) => probe.subject === subject && probe.role !== 'scout');

/** How much general quality was lost against the anchor, from the probes of the gate suite. */
export const qualityDrift = async (artifacts: Artifacts, open: Cycle): Promise<readonly Drift[]> => {
  const [candidate, anchor] = await Promise.all(
    ['candidate', 'anchor'].map(async (subject) => {
      const found = open.probes.find((probe) => probe.subject === subject && probe.role === 'gate');
      if (!found) throw new RangeError(`cycle ${open.cycle}: no gate probes of the ${subject}`);
      const values = unitValues(decodeResults(await artifacts.get(found.results)), 'bits-per-byte');
      return values.map((value, at) => ({ id: String(at), score: -value }));
    }),
  );
  const summary = summarisePaired(pairedDifferences(candidate ?? [], anchor ?? []));
  return probeDrift(GENERAL_METRIC, 'bits/byte', summary, { reference: 'anchor', threshold: null });
};

const sameShape = (weights: Weights, ...checkpoints: readonly Uint8Array[]): boolean =>
  new Set(checkpoints.map((checkpoint) => weights.describe(checkpoint).architecture)).size === 1;

/** Whether this update goes on where the one before it went, or back. */
const cosineDrift = async ({ artifacts, weights }: LoopPorts, run: Started, open: Cycle): Promise<readonly Drift[]> => {
  const before = run.cycles.findLast(({ cycle, produced }) => cycle > 0 && cycle < open.cycle && produced);
  if (!before?.produced || !open.produced) return [];
  const moveOf = async ({ parent, candidate }: DataOf<'UpdateProduced'>): Promise<Move> => ({
    from: await artifacts.get(parent),
    to: await artifacts.get(candidate),
  });
  const [previous, current] = [await moveOf(before.produced), await moveOf(open.produced)];
  if (!sameShape(weights, previous.from, previous.to, current.from, current.to)) return [];
  const value = updateCosine(previous, current);
  return [
    { metric: 'update-cosine', value, unit: 'cosine', reference: 'previous-update', threshold: null, alarm: false },
  ];
};

export const drift = async (ports: LoopPorts, context: RunContext, run: Started, cycle: number): Promise<void> => {
  const { artifacts, weights } = ports;
  const open = cycleOf(run, cycle);
  const hash = candidateOf(open);
  const candidate = await artifacts.get(hash);
  const sentinel = await artifacts.get(open.proposal?.sentinel ?? '');
  const length = context.config.sequence;
  const budget = (quantity: string): number | null => {
    const rule = context.constitution.rules.find((each) => each.kind === 'BUDGET' && each.quantity === quantity);
    return rule?.kind === 'BUDGET' ? rule.atMost : null;
  };
  const against = async (reference: 'champion' | 'anchor', of: string): Promise<readonly Drift[]> => {
    const weightsOf = await artifacts.get(of);
    const bound = (quantity: string) => ({ reference, threshold: reference === 'champion' ? budget(quantity) : null });
    // Models of different shapes have no distance; that is an alarm, and no reason to stay without a verdict.
    const distance = sameShape(weights, weightsOf, candidate) ? weights.distance(weightsOf, candidate).relative : NaN;
    return [
      klDrift(await weights.divergence(weightsOf, candidate, sentinel), length, bound('klNatsPerByte')),
      weightDrift(distance, bound('weightRatio')),
    ];
  };
  const quality = await qualityDrift(artifacts, open);
  const measured = [
    ...(await against('champion', run.champion ?? '')),
    ...(await against('anchor', run.lineage.anchor ?? run.anchor?.checkpoint ?? '')),
    ...quality,
    ...qualityCusum(run, open, quality),
    ...(await cosineDrift(ports, run, open)),
  ];
  const data = measured.map((each) => ({ cycle, checkpoint: hash, ...each }));
  await decide(ports.ledger, runStream, context.config.run, measureDrift(data), { actor: evaluatorActor('native') });
};

const EVIDENCE_TYPES = [
  'UpdateProduced',
  'CandidateInterpolated',
  'ProbesRecorded',
  'ControlsChecked',
  'EvaluationVoided',
  'ShadowCompared',
  'DriftMeasured',
  'CalibrationMeasured',
];

/** The records a verdict stands on: everything said of the candidate in its cycle, in log order. */
const evidenceRecords = (records: readonly Record[], cycle: number): readonly Record[] =>
  records.filter(
    ({ type, data }) =>
      EVIDENCE_TYPES.includes(type) && data['cycle'] === cycle && !['scout', 'report'].includes(String(data['role'])),
  );

const evidenceRootOf = (cited: readonly Record[]): string =>
  Buffer.from(merkleRoot(cited.map((record) => leafHash(Buffer.from(outcomeDigest(record), 'hex'))))).toString('hex');

/** The verdict that follows from a run's events and artifacts, whoever computes it. */
const judgeCycle = async (
  { artifacts, weights }: Readonly<{ artifacts: Artifacts; weights: Pick<JudgedWeights, 'describe'> }>,
  { constitution }: Pick<RunContext, 'constitution'>,
  run: Started,
  cycle: number,
): Promise<Verdict> => {
  const open = cycleOf(run, cycle);
  const loaded = new Map<string, ItemResults>();
  for (const { results } of open.probes) loaded.set(results, decodeResults(await artifacts.get(results)));
  const calibrated = new Map<string, CalibrationResults>();
  for (const { results } of open.calibration) calibrated.set(results, decodeCalibration(await artifacts.get(results)));
  const { architecture, finite } = weights.describe(await artifacts.get(candidateOf(open)));
  const { kMax } = constitution.alphaPlan;
  try {
    const results = (hash: string): ItemResults => loaded.get(hash) as ItemResults;
    const calibration = (hash: string): CalibrationResults => calibrated.get(hash) as CalibrationResults;
    const sources = { results, calibration, candidate: { architecture, finite }, kMax };
    return judge(constitution, assembleEvidence(run, open, sources));
  } catch (error) {
    if (!(error instanceof EvidenceMissing)) throw error;
    const leaked = open.controls !== undefined && !honeypotsHeld(open.controls.controls);
    return rejectMissing(constitution, lineageAt(run, open, kMax), error.message, { leaked });
  }
};

/** All that a verdict's event says, from the run's events and artifacts. */
export const verdictOf = async (
  ports: Parameters<typeof judgeCycle>[0],
  context: Pick<RunContext, 'constitution' | 'config'>,
  run: Started,
  records: readonly Record[],
  cycle: number,
): Promise<DataOf<'VerdictReached'>> => {
  const verdict = await judgeCycle(ports, context, run, cycle);
  const cited = evidenceRecords(records, cycle);
  const before = run.cycles.filter((other) => other.verdict && other.cycle < cycle).length;
  return {
    cycle,
    candidate: candidateOf(cycleOf(run, cycle)),
    ...verdict,
    constitution: context.config.constitution,
    lineageIndex: run.lineage.judgedBefore + before + 1,
    evidenceRoot: evidenceRootOf(cited),
    cites: cited.map(({ stream, revision }) => ({ stream, revision })),
  };
};

export const settle = async (ports: LoopPorts, context: RunContext, run: Started, cycle: number): Promise<void> => {
  const { ledger } = ports;
  const id = context.config.run;
  const { records } = await fold(ledger.log, runStream, id);
  const data = await verdictOf(ports, context, run, records, cycle);
  await decide(ledger, runStream, id, reachVerdict(data), { actor: service });
};
