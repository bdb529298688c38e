import type { Artifacts } from '#ledger/artifacts.js';
import { Refused } from '#ledger/decider.js';
import type { Cycle } from '#run/domain/cycle.js';
import type { DataOf } from '#run/domain/events.js';
import type { Started } from '#run/domain/run.js';
import type { Plan } from '#trainer/domain/plan.js';
import type { Claim, ReplayVerdict } from '#trainer/native.js';
import type { NativeTrainer } from '#trainer/train-natively.js';
import type { Progress } from '#trainer/trainer.js';

type Produced = DataOf<'UpdateProduced'>;

/** What training one recorded update again, alone, came to. */
export type BisectedUpdate = Readonly<{
  cycle: number;
  /** Null: nobody can train it again. */
  equal: boolean | null;
  sentence: string;
  /** Null where there was nothing to compare, or the claim is of no use. */
  verdict: ReplayVerdict | null;
}>;

export type Bisected = Readonly<{
  run: string;
  equal: boolean;
  sentence: string;
  /** In order, up to the first that differs. */
  updates: readonly BisectedUpdate[];
}>;

type Reading = Readonly<{ artifacts: Artifacts; trainer: Pick<NativeTrainer, 'replay'> }>;
export type Bisecting = Readonly<{
  cycle?: number | undefined;
  /** `trainer states` of the one cycle, as whoever trained it gives them. */
  states?: Uint8Array | undefined;
  onProgress?: (cycle: number, progress: Progress) => void;
}>;

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What may have been left out or erased is then not compared. */
const ifKept = async (artifacts: Artifacts, hash: string | null): Promise<Uint8Array | null> =>
  hash !== null && (await artifacts.has(hash)) ? artifacts.get(hash) : null;

/** Failures of the trainer that say something of the claim: it is of no use, or its training does not even come to an end. */
const OF_THE_CLAIM: Readonly<Record<string, string>> = {
  TRAINER_INVALID: 'what is recorded is no outcome of the plan',
  TRAINER_NON_FINITE: 'trained again it comes to no end',
  TRAINER_BUDGET: 'trained again it comes to no end',
};

const found = (cycle: number, equal: boolean | null, sentence: string): BisectedUpdate => ({
  cycle,
  equal,
  sentence,
  verdict: null,
});

const bisectUpdate = async (
  { artifacts, trainer }: Reading,
  { cycle, requested }: Cycle,
  produced: Produced,
  { states, onProgress = () => undefined }: Bisecting,
): Promise<BisectedUpdate> => {
  if (!produced.replayable || produced.receipt === null)
    return found(cycle, null, 'not bit-replayable: its trainer followed no contract');
  if (requested && requested.plan !== produced.plan)
    return found(cycle, false, `differs before step 0: it follows plan ${produced.plan}, not ${requested.plan}`);
  const plan = textOf(await artifacts.get(produced.plan));
  const claim: Claim = {
    receipt: textOf(await artifacts.get(produced.receipt)),
    transcript: await ifKept(artifacts, produced.transcript),
    candidate: await ifKept(artifacts, produced.candidate),
    states: states ?? null,
  };
  const work = { artifacts, onProgress: (progress: Progress) => onProgress(cycle, progress) };
  try {
    const verdict = await trainer.replay(JSON.parse(plan) as Plan, claim, work);
    return { cycle, equal: verdict.equal, sentence: verdict.sentence, verdict };
  } catch (error) {
    const { code = '', message = '' } = error as { code?: string; message?: string };
    const about = OF_THE_CLAIM[code];
    // States come from whoever asks, not from the record.
    if (about === undefined || message.startsWith('states')) throw error;
    return found(cycle, false, `differs: ${about}: ${message}`);
  }
};

/** How a sentence names what it is about. */
const updateName = (cycle: number): string => (cycle === 0 ? 'The base' : `Cycle ${cycle}`);

const sentenceOf = (updates: readonly BisectedUpdate[]): string => {
  const first = updates.find(({ equal }) => equal === false);
  if (first) return `${updateName(first.cycle)} ${first.sentence}`;
  const taken = updates.filter(({ equal }) => equal === null).length;
  const trained = updates.length - taken;
  const rest = taken === 0 ? '' : `; ${taken} ${taken === 1 ? 'is' : 'are'} not bit-replayable`;
  return `${trained} of ${updates.length} recorded updates trained again, ${trained === 0 ? 'none' : 'all equal to the last bit'}${rest}`;
};

/**
 * Trains the recorded updates of a run again, each alone from what its plan names, and holds every step against its transcript:
 * the first difference is named by step, and by batch or tensor. Nothing is probed or judged. Ends with the first that differs.
 * @throws Refused when there is no update to train, and what the artifacts throw
 */
export const bisectRun = async (reading: Reading, run: Started, bisecting: Bisecting = {}): Promise<Bisected> => {
  const { cycle: only } = bisecting;
  const cycles = run.cycles.filter(({ cycle, produced }) => produced && (only === undefined || cycle === only));
  const name = run.config.run;
  if (cycles.length === 0)
    throw new Refused(`run ${name}: no update was trained${only === undefined ? ' yet' : ` in cycle ${only}`}`);
  const updates: BisectedUpdate[] = [];
  for (const cycle of cycles) {
    if (!cycle.produced) continue;
    const update = await bisectUpdate(reading, cycle, cycle.produced, bisecting);
    updates.push(update);
    if (update.equal === false) break;
  }
  return {
    run: name,
    equal: updates.every(({ equal }) => equal !== false),
    sentence: sentenceOf(updates),
    updates,
  };
};
