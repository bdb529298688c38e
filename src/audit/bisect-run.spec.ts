import { decodeSequences, encodeSequences, SequenceBlob } from '#corpus/domain/plsq.js';
import { sha256 } from '#ledger/digest.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import { canonicalJson } from '#ledger/record.js';
import { figuresOfReceipt } from '#loop/train-step.js';
import type { Cycle } from '#run/domain/cycle.js';
import type { Started } from '#run/domain/run.js';
import { CountedClock } from '#store/counted-clock.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import type { Plan } from '#trainer/domain/plan.js';
import { loadNative } from '#trainer/native.js';
import { NativeTrainer } from '#trainer/train-natively.js';
import { bisectRun, type Bisected, type Bisecting } from './bisect-run.js';

const STEPS = 6;
const BATCH = 2;
const trainer = new NativeTrainer(loadNative(), new CountedClock(), { threads: 1 });
const artifacts = new MemoryArtifacts();
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = async (hash: string): Promise<string> => new TextDecoder().decode(await artifacts.get(hash));

const sequences = (count: number): Uint8Array => {
  const blob = new SequenceBlob(count, 64);
  for (let at = 0; at < count; at++) blob.addText(bytesOf('the river keeps its name '.repeat(4)).slice(at, at + 65));
  return blob.finish();
};

/** States are recorded after steps 1, 3 and 5. */
const planOf = async (changes: Partial<Plan> = {}): Promise<Plan> => ({
  contract: 'nc-1',
  model: { dModel: 16, layers: 1, dState: 8, headDim: 8, expand: 2, convWidth: 4, chunk: 64, vocab: 256 },
  initial: { seed: '7' },
  anchor: null,
  batches: await artifacts.put(sequences(STEPS * BATCH)),
  general: null,
  sentinel: null,
  steps: STEPS,
  batch: BATCH,
  generalBatch: 0,
  learningRate: 0.0078125,
  warmupSteps: 0,
  decay: 'constant',
  optimiser: { beta1: 0.875, beta2: 0.96875, epsilon: 2 ** -20, weightDecay: 0.015625, clipNorm: 1 },
  klBeta: 0,
  l2spLambda: 0,
  trustRegion: null,
  stateEverySteps: 2,
  ...changes,
});

/** What was really followed, and what is then handed in as the outcome of the plan. */
type Deed = Readonly<{
  followed?: Partial<Plan>;
  transcript?: (text: string) => string;
  candidate?: (bytes: Buffer) => Buffer;
  /** The receipt says which plan was followed. */
  open?: boolean;
}>;

/** A recorded update that names the plan, however it came about. */
const recorded = async (cycle: number, deed: Deed = {}): Promise<Cycle> => {
  const { followed = {}, transcript = (text) => text, candidate = (bytes) => bytes, open = false } = deed;
  const plan = await artifacts.put(bytesOf(canonicalJson(await planOf())));
  const work = { artifacts, onProgress: () => undefined, signals: [] };
  const trained = await trainer.carryOut(await planOf(followed), work);
  if (!trained.receipt) throw new Error('the trainer of the contract leaves a receipt');
  const told = await artifacts.put(bytesOf(transcript(await textOf(trained.receipt.transcript))));
  const receipt = { ...trained.receipt, transcript: told, ...(!open && { plan }) };
  const { steps, tokens } = receipt;
  const produced = {
    ...figuresOfReceipt(receipt, await artifacts.put(bytesOf(canonicalJson(receipt)))),
    cycle,
    plan,
    candidate: await artifacts.put(candidate(Buffer.from(await artifacts.get(trained.candidate)))),
    steps,
    tokens,
    env: { attempt: 1, backend: 'test', threads: 1, elapsedMs: 0 },
  };
  return { cycle, interruptions: 0, probes: [], drift: [], calibration: [], produced };
};

const bisected = (cycles: readonly Cycle[], how: Bisecting = {}): Promise<Bisected> =>
  bisectRun({ artifacts, trainer }, { config: { run: 'drilled' }, cycles } as unknown as Started, how);

const drilled = async (deed: Deed): Promise<Bisected> => bisected([await recorded(0), await recorded(1, deed)]);

type Line = { root?: string; tensors?: { name: string; sha256: string }[] };

/** The state after step 3 as one in which one tensor is another. */
const damaged = (transcript: string): string => {
  const lines = transcript.trimEnd().split('\n');
  const line = JSON.parse(lines[3] ?? '') as Line;
  const tensors = line.tensors?.map((tensor, at) => (at === 3 ? { ...tensor, sha256: 'd'.repeat(64) } : tensor)) ?? [];
  const root = Buffer.from(merkleRoot(tensors.map((tensor) => leafHash(Buffer.from(tensor.sha256, 'hex')))));
  return `${lines.with(3, JSON.stringify({ ...line, tensors, root: root.toString('hex') })).join('\n')}\n`;
};

/** The batch of step 4 is left out, and the first comes twice. */
const skipping = async (): Promise<Partial<Plan>> => {
  const all = decodeSequences(sequences(STEPS * BATCH));
  const left = [...all.toSpliced(4 * BATCH, BATCH), ...all.slice(0, BATCH)];
  return { batches: await artifacts.put(encodeSequences(left)) };
};

/** One bit in the last place of the last weight. */
const flipped = (bytes: Buffer): Buffer => {
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 4) ^ 1, bytes.length - 4);
  return bytes;
};

describe('bisecting the updates of a run', () => {
  it('finds an honest one equal, whole or one cycle of it', async () => {
    const cycles = [await recorded(0), await recorded(1)];
    const { equal, sentence, updates } = await bisected(cycles);
    expect({ equal, sentence }).toEqual({
      equal: true,
      sentence: '2 of 2 recorded updates trained again, all equal to the last bit',
    });
    expect(updates.map(({ cycle, verdict }) => [cycle, verdict?.replayed])).toEqual([
      [0, STEPS],
      [1, STEPS],
    ]);
    expect((await bisected(cycles, { cycle: 1 })).updates.map(({ cycle }) => cycle)).toEqual([1]);
    await expect(bisected(cycles, { cycle: 2 })).rejects.toThrow('run drilled: no update was trained in cycle 2');
  });

  it('names the step whose batch was skipped, trains no further, and says what is open without the transcript', async () => {
    const cycles = [await recorded(1, { followed: await skipping() }), await recorded(2)];
    const found = await bisected(cycles);
    expect(found.sentence).toBe("Cycle 1 differs in step 4: it was trained on another batch than the plan's");
    expect(found.updates.map(({ cycle }) => cycle)).toEqual([1]);
    expect(found.updates[0]?.verdict).toMatchObject({ replayed: 5, divergence: { what: 'batch', exact: true } });
    await artifacts.erase(cycles[0]?.produced?.transcript ?? '', 'nobody keeps it');
    expect((await bisected(cycles)).sentence).toMatch(
      /no transcript was given, so it arose between step 0 and step 5 or after$/,
    );
  });

  it('places another rate between the last equal state and the first loss that shows it', async () => {
    const { sentence } = await drilled({ followed: { learningRate: 0.00390625 } });
    expect(sentence).toMatch(/^Cycle 1 differs somewhere between step 0 and step 1: in step 1 the loss is /);
    expect(sentence).toMatch(/; states are known every 2 steps only$/);
    const slower = { learningRate: 0.00390625 };
    // The states of every step are the transcript of the same training under a plan that asks for them.
    const fine = await recorded(1, { followed: { ...slower, stateEverySteps: 1 }, open: true });
    const states = await artifacts.get(fine.produced?.transcript ?? '');
    expect((await bisected([await recorded(1, { followed: slower })], { cycle: 1, states })).sentence).toBe(
      'Cycle 1 differs in step 0: after it, tensor backbone.embeddings.weight is the first of 11 that differ, of 11',
    );
    const ofAnother = bisected([await recorded(1)], { cycle: 1, states });
    await expect(ofAnother).rejects.toMatchObject({
      code: 'TRAINER_INVALID',
      message: expect.stringMatching(/^states/),
    });
  });

  it('names the tensor of a damaged state, and of a candidate that was not trained so', async () => {
    expect((await drilled({ transcript: damaged })).sentence).toBe(
      'Cycle 1 differs somewhere between step 2 and step 3: after step 3 tensor backbone.layers.0.mixer.conv1d.weight differs, alone of 11; states are known every 2 steps only',
    );
    expect((await drilled({ candidate: flipped })).sentence).toMatch(
      /^Cycle 1 differs in the candidate handed in: tensor backbone\.norm_f\.weight differs, alone of 11; the receipt /,
    );
  });

  it('tells in one line what is no outcome of the plan, and what nobody can train again', async () => {
    const other = await drilled({ followed: { learningRate: 0.00390625 }, open: true });
    expect(other).toMatchObject({ equal: false, sentence: expect.stringMatching(/a receipt of another plan/) });
    const cut = await drilled({ transcript: (text) => text.slice(0, text.indexOf('\n') + 1) });
    expect(cut.sentence).toBe(
      "Cycle 1 differs: what is recorded is no outcome of the plan: transcript: must have a line for each of the plan's 6 steps, has 1: it is cut off, or of another plan",
    );
    const cycle = await recorded(1);
    const requested = { cycle: 1, plan: sha256('another'), budgets: { steps: 1, tokens: 1 }, env: { attempt: 1 } };
    expect((await bisected([{ ...cycle, requested }])).sentence).toMatch(/^Cycle 1 differs before step 0: it follows/);
    const produced = { ...cycle.produced, replayable: false, receipt: null } as NonNullable<Cycle['produced']>;
    expect(await bisected([await recorded(0), { ...cycle, produced }])).toMatchObject({
      equal: true,
      sentence: '1 of 2 recorded updates trained again, all equal to the last bit; 1 is not bit-replayable',
    });
  });
});
