import type { DomainGain, RankedRun } from '#experiment/domain/ranking.js';
import { composeBatches } from '#corpus/domain/batches.js';
import { LN } from '#corpus/domain/family.js';
import { loadContext, loadRun, type RunContext } from '#loop/run-context.js';
import { SCOUT_LOSS_PREFIX } from '#run/domain/evidence.js';
import { cycleOf, type Started } from '#run/domain/run.js';
import { drawShadowBlocks } from '#suite/domain/draw.js';
import { scoutLosses, type ItemSet, type SequenceResult, type Unit } from '#suite/domain/items.js';
import { updatePlan } from '#trainer/domain/plan.js';
import { UpdateFailed } from '#trainer/trainer.js';
import type { RankingPorts } from './ranking-ports.js';

const ALL = 1_000_000;

/** What cannot be ranked, and why. */
export class NotRankable extends Error {
  override readonly name = 'NotRankable';
}

/** Items that no policy reads: fresh blocks of every family, and the report's documents of every text that is learnt. */
type Held = Readonly<{ blocks: ItemSet; documents: ItemSet; families: readonly string[] }>;

const heldItems = (context: RunContext, blocks: number): Held => {
  const { config, families, shadow, report, texts } = context;
  const names = families.map(({ name }) => name);
  const drawn = drawShadowBlocks({ ...shadow.definition, families: names }, `oracle/1 ${config.seed}`, blocks);
  const units = report.items.units.filter(({ domain }) => texts.some(({ name }) => name === domain));
  const without = texts.find(({ name }) => !units.some(({ domain }) => domain === name));
  if (without)
    throw new NotRankable(`run ${config.run}: its report suite has no document of the text "${without.name}"`);
  return { blocks: drawn, documents: { sequences: report.items.sequences, units }, families: names };
};

/** One half of a domain's units, or all. */
const domainUnits = ({ blocks, documents, families }: Held, half?: 0 | 1) => {
  const kept = (_: unknown, at: number): boolean => half === undefined || at % 2 === half;
  const ofBlocks = blocks.units
    .filter(kept)
    .flatMap(({ id, sequences }): readonly Unit[] =>
      families.map((domain, at) => ({ id: `${id}/${at}`, kind: 'domain', domain, sequences: [sequences[at] ?? 0] })),
    );
  return { ofBlocks, ofDocuments: documents.units.filter(kept) };
};

type Measured = Readonly<{ whole: Losses; halves: readonly [Losses, Losses]; capability: number }>;
type Losses = Readonly<Record<string, number>>;

const measure = async (
  { primary }: RankingPorts,
  held: Held,
  targets: readonly string[],
  weights: Uint8Array,
): Promise<Measured> => {
  const scored = async ({ sequences, units }: ItemSet): Promise<readonly SequenceResult[]> => {
    if (units.length === 0) return [];
    const { nllNats, scored: positions, correct } = await primary.evaluate(weights, sequences);
    return Array.from(nllNats, (nats, at) => ({
      nllNats: nats,
      scored: positions[at] ?? 0,
      correct: correct[at] ?? 0,
    }));
  };
  const [blocks, documents] = [await scored(held.blocks), await scored(held.documents)];
  const losses = (half?: 0 | 1): Losses => {
    const { ofBlocks, ofDocuments } = domainUnits(held, half);
    return { ...scoutLosses(ofBlocks, blocks), ...scoutLosses(ofDocuments, documents) };
  };
  const ofTargets = domainUnits(held).ofBlocks.filter(({ domain }) => domain !== null && targets.includes(domain));
  const right = ofTargets.map(({ sequences: [at = 0] }) => (blocks[at]?.correct ?? NaN) / (blocks[at]?.scored ?? NaN));
  const capability = (100 * right.reduce((sum, each) => sum + each, 0)) / right.length;
  return { whole: losses(), halves: [losses(0), losses(1)], capability };
};

/** The update of a cycle with every task from one domain; all else is as it was proposed. Undefined: the trust region took it all back. */
const trainedOn = async (ports: RankingPorts, context: RunContext, run: Started, cycle: number, domain: string) => {
  const { config, general, texts, families } = context;
  const { proposal } = cycleOf(run, cycle);
  if (!proposal) throw new NotRankable(`run ${config.run}: cycle ${cycle} was not proposed`);
  const { regime, champion, sentinel } = proposal;
  const { bytes } = composeBatches({
    seed: String(config.seed),
    cycle,
    sequence: config.sequence,
    corpora: [general, ...texts],
    families,
    steps: regime.steps,
    batch: regime.batch,
    weightsPpm: { [domain]: ALL },
    replayPpm: regime.replayPpm,
    replayWeightsPpm: { [general.name]: ALL },
  });
  const anchor = run.lineage.anchor ?? run.anchor?.checkpoint ?? champion;
  const inputs = { champion, anchor, batches: await ports.artifacts.put(bytes), general: proposal.general, sentinel };
  const work = { artifacts: ports.artifacts, onProgress: () => undefined, signals: [] };
  try {
    return await ports.artifacts.get(
      (await ports.trainer.carryOut(updatePlan(config, regime, inputs), work)).candidate,
    );
  } catch (error) {
    if (error instanceof UpdateFailed) return undefined;
    throw error;
  }
};

const gainsAt = async (ports: RankingPorts, context: RunContext, run: Started, held: Held, cycle: number) => {
  const { targets } = context.config;
  const champion = await ports.artifacts.get(cycleOf(run, cycle).proposal?.champion ?? '');
  const before = await measure(ports, held, targets, champion);
  const domains = [...context.families, ...context.texts.map(({ name }) => ({ name, entropyNats: LN[256] }))];
  const gains: DomainGain[] = [];
  for (const { name, entropyNats } of domains) {
    const weights = await trainedOn(ports, context, run, cycle, name);
    const after = weights ? await measure(ports, held, targets, weights) : before;
    const own = (from: Losses, to: Losses): number => ((from[name] ?? NaN) - (to[name] ?? NaN)) / entropyNats;
    const [first, second] = [own(before.halves[0], after.halves[0]), own(before.halves[1], after.halves[1])];
    const capability = after.capability - before.capability;
    gains.push({ name, entropyNats, own: own(before.whole, after.whole), halves: [first, second], capability });
  }
  return gains;
};

export type Asked = Readonly<{ run: string; cycles: readonly number[]; blocks: number; say: (line: string) => void }>;

/**
 * The oracle: for each cycle asked, the champion that it began from is trained on every domain alone with the update's own
 * budget, and what that gained is measured. Nothing is recorded.
 * @throws NotRankable
 */
export const rankedRun = async (ports: RankingPorts, { run: id, cycles, blocks, say }: Asked): Promise<RankedRun> => {
  const run = await loadRun(ports, id);
  const context = await loadContext(ports, run.config);
  const missing = cycles.find((cycle) => !run.cycles.some((each) => each.cycle === cycle && each.proposal));
  if (missing !== undefined) throw new NotRankable(`run ${id}: cycle ${missing} was not proposed`);
  const held = heldItems(context, blocks);
  const scouts = run.cycles.flatMap(({ cycle, probes }) =>
    probes
      .filter(({ role, subject }) => role === 'scout' && subject === 'champion')
      .map(({ metrics }) => {
        const losses = Object.entries(metrics).filter(([metric]) => metric.startsWith(SCOUT_LOSS_PREFIX));
        return {
          cycle,
          lossesNats: Object.fromEntries(losses.map(([m, value]) => [m.slice(SCOUT_LOSS_PREFIX.length), value])),
        };
      }),
  );
  const found: { cycle: number; gains: readonly DomainGain[] }[] = [];
  for (const cycle of cycles) {
    found.push({ cycle, gains: await gainsAt(ports, context, run, held, cycle) });
    say(`  ${id}: cycle ${cycle}`);
  }
  return { run: id, scouts, cycles: found };
};
