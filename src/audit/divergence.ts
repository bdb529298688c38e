import type { Artifacts } from '#ledger/artifacts.js';
import { outcomeData } from '#ledger/digest.js';
import type { Record } from '#ledger/record.js';

/** Where a replay first differs: event, field, and for weights the training step and tensor. */
export type Divergence = Readonly<{
  cycle: number;
  type: string;
  revision: number;
  field: string;
  recorded: string;
  replayed: string;
  step?: number;
  tensor?: string;
}>;

const isObject = (value: unknown): value is { [key: string]: unknown } => typeof value === 'object' && value !== null;

type Difference = Readonly<{ field: string; recorded: string; replayed: string }>;

const differenceIn = (field: string, was: unknown, is: unknown): Difference | undefined => {
  if (!isObject(was) || !isObject(is))
    return was === is
      ? undefined
      : { field, recorded: String(JSON.stringify(was)), replayed: String(JSON.stringify(is)) };
  for (const key of [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()) {
    const found = differenceIn(field === '' ? key : `${field}.${key}`, was[key], is[key]);
    if (found) return found;
  }
  return undefined;
};

const outcomeOf = ({ type, data }: Record): unknown => ({ type, ...outcomeData(data) });

type Line = { step: number; h: string; tensors?: { name: string; sha256: string }[] };
const linesOf = (bytes: Uint8Array): readonly Line[] =>
  new TextDecoder()
    .decode(bytes)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

/**
 * First differing training step of two transcripts, and the first tensor that differs where tensors were recorded: weights may
 * differ before any loss shows it.
 */
export const compareTranscripts = (was: Uint8Array, is: Uint8Array): Readonly<{ step?: number; tensor?: string }> => {
  const [before, after] = [linesOf(was), linesOf(is)];
  const step = before.findIndex((line, at) => line.h !== after[at]?.h);
  const tensorsAt = before.findIndex((line, at) =>
    line.tensors?.some(({ sha256 }, tensor) => after[at]?.tensors?.[tensor]?.sha256 !== sha256),
  );
  const others = after[tensorsAt]?.tensors;
  const tensor = before[tensorsAt]?.tensors?.find(({ sha256 }, at) => others?.[at]?.sha256 !== sha256)?.name;
  const line = before[Math.min(...[step, tensorsAt].filter((at) => at >= 0))];
  return { ...(line && { step: line.step }), ...(tensor !== undefined && { tensor }) };
};

/** @param sources where transcripts of the recorded and the replayed update are */
export const firstDifference = async (
  was: Record,
  is: Record,
  sources: Readonly<{ recorded: Artifacts; replayed: Artifacts }>,
): Promise<Divergence> => {
  const place = { cycle: Number(was.data['cycle'] ?? 0), type: was.type, revision: was.revision };
  if (was.type !== is.type) return { ...place, field: 'type', recorded: was.type, replayed: is.type };
  const found = differenceIn('', outcomeOf(was), outcomeOf(is)) ?? {
    field: 'version',
    recorded: String(was.version),
    replayed: String(is.version),
  };
  const [before, after] = [was.data['transcript'], is.data['transcript']];
  if (was.type !== 'UpdateProduced' || typeof before !== 'string' || typeof after !== 'string')
    return { ...place, ...found };
  const transcripts = [await sources.recorded.get(before), await sources.replayed.get(after)] as const;
  return { ...place, ...found, ...compareTranscripts(...transcripts) };
};
