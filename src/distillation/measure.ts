import { decodeSequences } from '#corpus/domain/plsq.js';
import { decodeResults, MalformedResults, type ItemResult } from '#evaluation/domain/item-results.js';
import type { Artifacts } from '#ledger/artifacts.js';
import { sequenceIds, type ItemSet } from '#suite/domain/items.js';
import { alignmentOf, type States } from './domain/alignment.js';
import type { DistillationConfig } from './domain/config.js';
import type { DataOf } from './domain/events.js';
import { familyOrder } from './domain/inputs.js';
import { hiddenStates, traceShape } from './domain/pltr.js';
import { compareStudents, downstreamOf, examined } from './domain/transfer.js';

type AlignmentFigures = Omit<DataOf<'AlignmentMeasured'>, 'arm' | 'student' | 'traces'>;

/** Alignment out of what both said of the same sequences: the first half of them fits the map, the second judges it. */
export const alignmentFrom = (
  config: DistillationConfig,
  traces: Readonly<{ teacher: Uint8Array; student: Uint8Array }>,
): AlignmentFigures => {
  const { layers, evaluation } = config;
  const ofHalf = (half: number): readonly number[] => {
    const count = (evaluation.alignment / 2) * (familyOrder(config).length + 1);
    return Array.from({ length: count }, (_, at) => half * count + at);
  };
  const states = (who: 'teacher' | 'student', sequences: readonly number[]): States => ({
    values: hiddenStates(traces[who], layers[who], sequences),
    width: traceShape(traces[who]).width,
  });
  const [fitted, held] = [0, 1].map((half) => ({
    student: states('student', ofHalf(half)),
    teacher: states('teacher', ofHalf(half)),
  })) as [Readonly<{ student: States; teacher: States }>, Readonly<{ student: States; teacher: States }>];
  const positions = ofHalf(0).length * config.sequence;
  return { layers, positionsFitted: positions, positionsHeldOut: positions, ...alignmentOf(fitted, held) };
};

/** Results of exactly these items, each scored as often as it asks. @throws MalformedResults */
const answersIn = (bytes: Uint8Array, { units, sequences }: ItemSet): readonly ItemResult[] => {
  const { items } = decodeResults(bytes);
  const ids = sequenceIds(units);
  const asked = decodeSequences(sequences).map(({ mask }) => mask.reduce((sum, one) => sum + one, 0));
  const odd = asked.findIndex((count, at) => items[at]?.id !== ids[at] || items[at]?.scored !== count);
  if (odd >= 0 || items.length !== asked.length)
    throw new MalformedResults(
      `the results are of other items than the examination's, from ${ids[odd] ?? 'its end'} on`,
    );
  return items;
};

type Figures = Pick<DataOf<'TransferConcluded'>, 'downstream' | 'comparisons'>;

/**
 * What the results of a checkpoint say, and how it compares with another one on the same items.
 * @param against results of that one; null: it is compared with none
 * @throws MalformedResults, and what the artifacts throw
 */
export const figuresFrom = async (
  artifacts: Artifacts,
  config: DistillationConfig,
  items: ItemSet,
  { results, against }: Readonly<{ results: string; against: string | null }>,
): Promise<Figures> => {
  const read = async (hash: string): Promise<ReturnType<typeof examined>> =>
    examined(config, items.units, answersIn(await artifacts.get(hash), items));
  const own = await read(results);
  return {
    downstream: { results, ...downstreamOf(own) },
    comparisons: against === null ? [] : [...compareStudents(config, own, await read(against))],
  };
};
