import {
  allocate,
  initialAllocation,
  observeScoutLosses,
  type AllocatedDomain,
} from '#allocation/domain/allocation.js';
import { policyViolations, regimeViolations } from '#constitution/domain/document.js';
import { syntheticViolations } from '#constitution/domain/scope.js';
import { composeBatches, composeGeneral } from '#corpus/domain/batches.js';
import { LN } from '#corpus/domain/family.js';
import { evaluatorActor, policyActor } from '#doors/actors.js';
import { decide } from '#ledger/ledger.js';
import { regimeInForce } from '#run/domain/adaptation.js';
import { establishAnchor } from '#run/domain/update-decisions.js';
import { proposeCycle } from '#run/domain/decisions.js';
import type { DataOf } from '#run/domain/events.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import type { LoopPorts } from './loop-ports.js';
import type { RunContext } from './run-context.js';
import { scoutLossPrefix, scoutQuality } from './probe-step.js';

/** Sequences of general text that drift and the trust region are measured on. */
const SENTINEL_SEQUENCES = 64;
const PPM = 1_000_000;

const domainsOf = (context: RunContext): readonly AllocatedDomain[] => [
  ...context.families.map(({ name, entropyNats }) => ({ name, entropyNats })),
  ...context.texts.map(({ name }) => ({ name, entropyNats: LN[256] })),
];

const scoutLosses = (probe: DataOf<'ProbesRecorded'>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(probe.metrics)
      .filter(([metric]) => metric.startsWith(scoutLossPrefix))
      .map(([metric, value]) => [metric.slice(scoutLossPrefix.length), value]),
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

/** Even shares in whole millionths. */
const evenly = (names: readonly string[]): Readonly<Record<string, number>> => {
  const share = Math.floor(PPM / names.length);
  return Object.fromEntries(names.map((name, at) => [name, at === 0 ? PPM - share * (names.length - 1) : share]));
};

const common = (context: RunContext, cycle: number) => ({
  seed: String(context.config.seed),
  cycle,
  sequence: context.config.sequence,
  corpora: [context.general, ...context.texts],
  families: context.families,
});

export const composeBase = (context: RunContext): Uint8Array => {
  const { base } = context.config;
  if (base.kind !== 'train') throw new RangeError('base: a given checkpoint is not trained');
  return composeBatches({
    ...common(context, 0),
    steps: base.steps,
    batch: base.batch,
    weightsPpm: evenly(context.config.targets),
    replayPpm: PPM - base.taskPpm,
    replayWeightsPpm: { [context.general.name]: PPM },
  }).bytes;
};

const general = (context: RunContext, cycle: number, purpose: string, count: number): Uint8Array =>
  composeGeneral({
    seed: String(context.config.seed),
    cycle,
    purpose,
    count,
    sequence: context.config.sequence,
    corpus: context.general,
  });

/** Everything in which a proposal leaves the constitution, as the refusal says it. */
export const violationsOf = (
  { constitution, synthetic }: Pick<RunContext, 'constitution' | 'synthetic'>,
  { regime, allocation }: Pick<DataOf<'CycleProposed'>, 'regime' | 'allocation'>,
): DataOf<'CycleRefused'>['violations'] =>
  [
    ...regimeViolations(constitution, regime),
    ...policyViolations(constitution, allocation.policy),
    ...syntheticViolations(constitution.scope, regime, allocation.weightsPpm, synthetic),
  ].map(({ field, value, allowed }) => ({ field, value: String(value), allowed }));

export const propose = async (ports: LoopPorts, context: RunContext, run: Started, cycle: number): Promise<void> => {
  const { config } = context;
  const regime = regimeInForce(run, cycle, context.constitution.scope);
  const { policy, weightsPpm, scores, trains } = allocationAt(context, run, cycle);
  const allocation = { policy, weightsPpm, scores };
  const violations = violationsOf(context, { regime, allocation });
  const trained = trains && violations.length === 0;
  const batches = trained
    ? await ports.artifacts.put(
        composeBatches({
          ...common(context, cycle),
          steps: regime.steps,
          batch: regime.batch,
          weightsPpm,
          replayPpm: regime.replayPpm,
          replayWeightsPpm: { [context.general.name]: PPM },
        }).bytes,
      )
    : null;
  const anchored = trained && regime.generalBatch > 0;
  const data: DataOf<'CycleProposed'> = {
    cycle,
    trigger: 'schedule',
    champion: run.champion ?? '',
    regime,
    allocation,
    batches,
    general: anchored
      ? await ports.artifacts.put(general(context, cycle, 'general', regime.steps * regime.generalBatch))
      : null,
    sentinel: await ports.artifacts.put(general(context, 0, 'sentinel', SENTINEL_SEQUENCES)),
    constitution: config.constitution,
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
