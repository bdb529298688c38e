import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { evaluatorActor } from '#doors/actors.js';
import { compareOnShare } from '#evaluation/compare-on-share.js';
import { decodeResults } from '#evaluation/domain/item-results.js';
import { decide } from '#ledger/ledger.js';
import { candidateOf } from '#run/domain/deciding.js';
import { compareShadow } from '#run/domain/evidence-decisions.js';
import type { DataOf } from '#run/domain/events.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import { drawItems } from './draw-items.js';
import { guarded } from './evaluating.js';
import { probesOf } from './judge-step.js';
import type { LoopPorts } from './loop-ports.js';
import type { RunContext } from './run-context.js';

type Other = 'shadow' | 'reference';
type Compared = DataOf<'ShadowCompared'>;
type Comparing = Readonly<{ ports: LoopPorts; context: RunContext; run: Started; cycle: number }>;

/** Another evaluator on a fixed share of the very items that the candidate was probed with. */
const compareWith = async ({ ports, context, run, cycle }: Comparing, other: Other): Promise<Compared> => {
  const { artifacts } = ports;
  const [primary, second] = [guarded(ports, ports.primary), guarded(ports, ports[other])];
  const open = cycleOf(run, cycle);
  const candidate = candidateOf(open);
  const results = await Promise.all(
    probesOf(open, 'candidate').map(async (probe) => decodeResults(await artifacts.get(probe.results))),
  );
  const items = results.flatMap((result) => result.items);
  const recorded = {
    nllNats: Float64Array.from(items, ({ nllNats }) => nllNats ?? NaN),
    scored: Uint32Array.from(items, ({ scored }) => scored),
    correct: Uint32Array.from(items, ({ correct }) => correct),
  };
  const roles = ['gate', 'shadow'] as const;
  const drawn = roles.flatMap((role) => decodeSequences(drawItems(context, cycle, candidate, role).sequences));
  const { shadowEvery, referenceItems } = context.config.evaluation;
  const every = other === 'shadow' ? shadowEvery : Math.max(1, Math.ceil(drawn.length / referenceItems));
  const checkpoint = await artifacts.get(candidate);
  const compared = await compareOnShare(primary, second, checkpoint, encodeSequences(drawn), recorded, { every });
  return {
    cycle,
    checkpoint: candidate,
    evaluators: [primary.name, second.name],
    items: compared.items,
    tolerance: compared.tolerance,
    agreed: compared.agreed,
    reasons: [...compared.reasons],
    approx: compared.approx,
    env: { build: second.build },
  };
};

/** What the reference is working out while the shadow does: each has one thread, and neither knows of the other. */
const early = new WeakMap<RunContext, Readonly<{ candidate: string; compared: Promise<Compared> }>>();

const beginReference = (comparing: Comparing): void => {
  const { context, run, cycle } = comparing;
  if (context.config.evaluation.referenceItems === 0) return;
  const compared = compareWith(comparing, 'reference');
  // Whoever takes it hears of its failure.
  compared.catch(() => undefined);
  early.set(context, { candidate: candidateOf(cycleOf(run, cycle)), compared });
};

/** What was begun for this candidate, once: a second attempt asks anew. */
const begun = ({ context, run, cycle }: Comparing): Promise<Compared> | undefined => {
  const known = early.get(context);
  early.delete(context);
  return known?.candidate === candidateOf(cycleOf(run, cycle)) ? known.compared : undefined;
};

export const compare = async (
  ports: LoopPorts,
  context: RunContext,
  run: Started,
  cycle: number,
  other: Other,
): Promise<void> => {
  const comparing = { ports, context, run, cycle };
  if (other === 'shadow') beginReference(comparing);
  const data = await ((other === 'reference' ? begun(comparing) : undefined) ?? compareWith(comparing, other));
  const by = { actor: evaluatorActor(ports[other].name) };
  await decide(ports.ledger, runStream, context.config.run, compareShadow(data), by);
};
