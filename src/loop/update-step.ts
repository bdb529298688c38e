import {
  allocate,
  initialAllocation,
  observeScoutLosses,
  type AllocatedDomain,
} from '#allocation/domain/allocation.js';
import { policyViolations, regimeViolations } from '#constitution/domain/document.js';
import { syntheticViolations } from '#constitution/domain/scope.js';
import { composeBatches, composeGeneral, type BatchRequest } from '#corpus/domain/batches.js';
import { LN } from '#corpus/domain/family.js';
import { evaluatorActor, policyActor } from '#doors/actors.js';
import { decide } from '#ledger/ledger.js';
import { rememberedAt, replayWeights, type Reservoirs } from '#memory/domain/episodic.js';
import { forecastAt } from '#memory/domain/predictive.js';
import { claimOf, listRemembered } from '#memory/remember.js';
import { regimeInForce } from '#run/domain/adaptation.js';
import { establishAnchor } from '#run/domain/update-decisions.js';
import { proposeCycle } from '#run/domain/decisions.js';
import type { DataOf } from '#run/domain/events.js';
import { SCOUT_LOSS_PREFIX } from '#run/domain/evidence.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import { baseMix, updateMix } from '#run/domain/training-mix.js';
import type { LoopPorts } from './loop-ports.js';
import type { RunContext } from './run-context.js';
import { scoutQuality } from './probe-step.js';

/** Sequences of general text that drift and the trust region are measured on. */
const SENTINEL_SEQUENCES = 64;

const domainsOf = (context: RunContext): readonly AllocatedDomain[] => [
  ...context.families.map(({ name, entropyNats }) => ({ name, entropyNats })),
  ...context.texts.map(({ name }) => ({ name, entropyNats: LN[256] })),
];

const scoutLosses = (probe: DataOf<'ProbesRecorded'>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(probe.metrics)
      .filter(([metric]) => metric.startsWith(SCOUT_LOSS_PREFIX))
      .map(([metric, value]) => [metric.slice(SCOUT_LOSS_PREFIX.length), value]),
  );

/** The allocation of a cycle: what the policy makes of the champions' scout losses so far. */
const allocationAt = (context: RunContext, run: Started, cycle: number): ReturnType<typeof allocate> => {
  const seen = run.cycles
    .filter((past) => past.cycle <= cycle)
    .flatMap(({ probes }) => probes.filter(({ role, subject }) => role === 'scout' && subject === 'champion'));
  const domains = domainsOf(context);
  const known = new Set(domains.map(({ name }) => name));
  const state = seen.reduce((before, probe) => {
    const losses = Object.entries(scoutLosses(probe)).filter(([name]) => known.has(name));
    return observeScoutLosses(before, Object.fromEntries(losses));
  }, initialAllocation);
  return allocate(context.config.policy, domains, state);
};

const drawingOf = (context: RunContext): Pick<BatchRequest, 'seed' | 'sequence' | 'corpora' | 'families'> => ({
  seed: String(context.config.seed),
  sequence: context.config.sequence,
  corpora: [context.general, ...context.texts],
  families: context.families,
});

export const composeBase = (context: RunContext): Uint8Array =>
  composeBatches({ ...baseMix(context.config), ...drawingOf(context) }).bytes;

const general = (context: RunContext, cycle: number, purpose: string, count: number): Uint8Array =>
  composeGeneral({
    seed: String(context.config.seed),
    cycle,
    purpose,
    count,
    sequence: context.config.sequence,
    corpus: context.general,
  });

type Asked = Pick<DataOf<'CycleProposed'>, 'regime' | 'allocation'> &
  Readonly<{ replayWeightsPpm: Readonly<Record<string, number>> }>;

/** Everything in which a proposal leaves the constitution, as the refusal says it. */
export const violationsOf = (
  { constitution, synthetic }: Pick<RunContext, 'constitution' | 'synthetic'>,
  { regime, allocation, replayWeightsPpm }: Asked,
): DataOf<'CycleRefused'>['violations'] =>
  [
    ...regimeViolations(constitution, regime),
    ...policyViolations(constitution, allocation.policy),
    ...syntheticViolations(
      constitution.scope,
      regime,
      { weightsPpm: allocation.weightsPpm, replayWeightsPpm },
      synthetic,
    ),
  ].map(({ field, value, allowed }) => ({ field, value: String(value), allowed }));

type Proposal = DataOf<'CycleProposed'>;

/** What a proposal has that trains; its memory is recorded as the artifact that lists it. */
const training = async (
  { artifacts }: LoopPorts,
  context: RunContext,
  proposed: Pick<Proposal, 'cycle' | 'regime' | 'allocation'>,
  remembered: Reservoirs | undefined,
): Promise<Pick<Proposal, 'batches' | 'general' | 'memory'>> => {
  const { config } = context;
  const { cycle, regime } = proposed;
  const drawing = drawingOf(context);
  const memory = remembered
    ? { sequences: await artifacts.put(listRemembered(remembered, drawing)), ...claimOf(config, remembered) }
    : null;
  const mix = updateMix(config, { ...proposed, memory });
  const { bytes } = composeBatches({ ...mix, ...drawing, ...(remembered && { remembered }) });
  const anchored = regime.generalBatch > 0;
  return {
    batches: await artifacts.put(bytes),
    general: anchored
      ? await artifacts.put(general(context, cycle, 'general', regime.steps * regime.generalBatch))
      : null,
    memory,
  };
};

export const propose = async (ports: LoopPorts, context: RunContext, run: Started, cycle: number): Promise<void> => {
  const { config } = context;
  const regime = regimeInForce(run, cycle, context.constitution.scope);
  const { policy, weightsPpm, scores, trains } = allocationAt(context, run, cycle);
  const allocation = { policy, weightsPpm, scores };
  const champion = run.champion ?? '';
  const remembered = rememberedAt(run, champion, cycle);
  const replayWeightsPpm = replayWeights(config, remembered ?? {});
  const violations = violationsOf(context, { regime, allocation, replayWeightsPpm });
  const trained = trains && violations.length === 0;
  const proposed = { cycle, regime, allocation };
  const data: Proposal = {
    ...proposed,
    trigger: 'schedule',
    champion,
    ...(trained
      ? await training(ports, context, proposed, remembered)
      : { batches: null, general: null, memory: null }),
    sentinel: await ports.artifacts.put(general(context, 0, 'sentinel', SENTINEL_SEQUENCES)),
    constitution: config.constitution,
    forecast: trained && config.memory.predictive ? forecastAt(run, proposed) : null,
  };
  await decide(ports.ledger, runStream, config.run, proposeCycle(data, violations), { actor: policyActor(policy) });
};

/** The base becomes the anchor that everything later is measured against. */
export const establish = async (ports: LoopPorts, context: RunContext, run: Started): Promise<void> => {
  const { config } = context;
  const given = config.base.kind === 'checkpoint' ? config.base.checkpoint : undefined;
  const checkpoint = given ?? cycleOf(run, 0).produced?.candidate;
  if (!checkpoint) throw new RangeError('the base is not trained yet');
  const { architecture, parameters } = ports.weights.describe(await ports.artifacts.get(checkpoint));
  const { metrics } = await scoutQuality(ports, context, checkpoint);
  const source = given ? 'given' : 'trained';
  const data = { checkpoint, architecture, parameters, source, quality: metrics } as const;
  await decide(ports.ledger, runStream, config.run, establishAnchor(data), { actor: evaluatorActor('native') });
};
