import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import canonicalize from 'canonicalize';
import { receiptSchema } from '#trainer/domain/receipt.js';
import { loadNative, type Native, type NativeOptions, type NativeOutput } from '#trainer/native.js';
import type { Progress } from '#trainer/trainer.js';
import { sha256, smallTraining, textSequences } from './training-plan.js';

jest.setTimeout(60_000);

type Line = { step: number; loss: string; gradNorm: string; batch: string; h: string; root?: string };

const native: Native = loadNative();
const STEPS = 12;
/** More than any test waits for. */
const LONG = 1000;
const { plan, inputs } = smallTraining(STEPS);
const text = JSON.stringify(plan);

const train = (options: NativeOptions = {}, onProgress?: (progress: Progress) => void): Promise<NativeOutput> =>
  native.run(text, inputs, options, onProgress).promise;

const attempt = (changes: Readonly<Record<string, unknown>>, options: NativeOptions = {}): Promise<NativeOutput> =>
  native.run(JSON.stringify({ ...plan, ...changes }), inputs, options).promise;

const linesOf = ({ transcript }: NativeOutput): readonly Line[] =>
  transcript
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const digests = ({ checkpoint, optimiser, transcript, receipt }: NativeOutput): readonly string[] =>
  [checkpoint, optimiser, transcript, receipt].map(sha256);

/** The bits of a binary32 number as docs/trainer.md writes them, as the 4 bytes that are hashed. */
const littleEndian = (bits: string): Buffer => Buffer.from(bits, 'hex').reverse();

describe('training', () => {
  let output: NativeOutput;
  const reports: Progress[] = [];
  beforeAll(async () => {
    output = await train({}, (progress) => reports.push(progress));
  });

  it('writes a receipt that names plan, weights, optimiser and transcript by their SHA-256', () => {
    const receipt = receiptSchema.parse(JSON.parse(output.receipt.toString()));
    expect(receipt.plan).toBe(sha256(canonicalize(plan) ?? ''));
    expect(receipt.candidate).toBe(sha256(output.checkpoint));
    expect(receipt.optimiser).toBe(sha256(output.optimiser));
    expect(receipt.transcript).toBe(sha256(output.transcript));
    expect(receipt.initial).toBe(sha256(native.initialise(plan.model, '7')));
    expect([receipt.steps, receipt.tokens]).toEqual([STEPS, STEPS * plan.batch * 64]);
    expect(receipt.lossLast).toBeLessThan(receipt.lossFirst);
    expect(output.receipt.toString()).toBe(canonicalize(receipt));
  });

  it('writes a transcript whose chain and batch digests can be recomputed', () => {
    const lines = linesOf(output);
    expect(lines.map(({ step }) => step)).toEqual([...Array(STEPS).keys()]);
    expect(lines.flatMap(({ root, step }) => (root ? [step] : []))).toEqual([4, 9, 11]);
    let h = Buffer.from(sha256(native.initialise(plan.model, 7n)), 'hex');
    const bytes = plan.batch * 3 * 64;
    for (const line of lines) {
      expect(line.batch).toBe(sha256(inputs[0]!.subarray(16 + line.step * bytes, 16 + (line.step + 1) * bytes)));
      const step = Buffer.alloc(8);
      step.writeBigUInt64LE(BigInt(line.step));
      const words = [h, step, littleEndian(line.loss), littleEndian(line.gradNorm), Buffer.from(line.batch, 'hex')];
      h = Buffer.from(sha256(Buffer.concat(words)), 'hex');
      expect(line.h).toBe(h.toString('hex'));
    }
  });

  it('reports progress in order and always the last step', () => {
    const steps = reports.map(({ step }) => step);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(reports.at(-1)).toMatchObject({ step: STEPS, steps: STEPS, tokens: STEPS * plan.batch * 64 });
    expect(reports.at(-1)!.lossNatsMean).toBeGreaterThan(0);
  });

  it('gives the same bytes for any thread count and instruction set', async () => {
    const available = native.machine().isa.filter((isa) => isa.available);
    expect(available.length).toBeGreaterThan(0);
    for (const isa of available) expect(digests(await train({ threads: 3, isa: isa.name }))).toEqual(digests(output));
    expect(digests(await train({ threads: 1 }))).toEqual(digests(output));
  });

  it('keeps its own copy of the inputs', async () => {
    const mine = inputs.map((input) => Uint8Array.from(input));
    const { promise } = native.run(text, mine);
    mine[0]!.fill(0);
    expect(digests(await promise)).toEqual(digests(output));
  });
});

describe('a training job', () => {
  const long = smallTraining(LONG);
  const longText = JSON.stringify(long.plan);

  it('stops at a step boundary when cancelled, and the process is free again', async () => {
    const job = native.run(longText, long.inputs, {}, ({ step }) => step > 2 && job.cancel());
    const error = await job.promise.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TRAINER_CANCELLED' });
    expect((error as { step: number }).step).toBeGreaterThan(2);
    expect((error as { step: number }).step).toBeLessThan(LONG);
    await expect(train()).resolves.toBeDefined();
  });

  it('can be cancelled as soon as it runs', async () => {
    const job = native.run(longText, long.inputs);
    job.cancel();
    // How many steps its thread has done by then is up to the machine.
    await expect(job.promise).rejects.toMatchObject({ code: 'TRAINER_CANCELLED', step: expect.any(Number) });
  });

  it('is the only one: a second is refused while it runs', async () => {
    const first = native.run(longText, long.inputs);
    await expect(train()).rejects.toMatchObject({ code: 'TRAINER_BUSY' });
    first.cancel();
    await expect(first.promise).rejects.toMatchObject({ code: 'TRAINER_CANCELLED' });
  });

  it('ends with the error that its progress listener threw', async () => {
    const failing = native.run(longText, long.inputs, {}, () => {
      throw new RangeError('the listener failed');
    });
    await expect(failing.promise).rejects.toThrow('the listener failed');
    await expect(train()).resolves.toBeDefined();
  });
});

describe('a replay', () => {
  const claim = async (changes: object = {}) => {
    const { receipt, transcript } = await train();
    return { receipt: receipt.toString(), transcript, candidate: null, states: null, ...changes };
  };

  it('says as data and in a sentence that a claim is equal, with or without its transcript', async () => {
    const reports: Progress[] = [];
    const whole = native.replay(text, inputs, await claim(), { threads: 1 }, (progress) => reports.push(progress));
    expect(await whole.promise).toEqual({
      equal: true,
      sentence: `equal: all ${STEPS} steps and the receipt come out the same, to the last bit of the weights`,
      steps: STEPS,
      replayed: STEPS,
      stateEverySteps: 5,
      fields: [],
      divergence: null,
    });
    expect(reports.at(-1)).toMatchObject({ step: STEPS });
    const alone = native.replay(text, inputs, await claim({ transcript: null }));
    expect(await alone.promise).toMatchObject({ equal: true, stateEverySteps: null });
  });

  it('names the fields of a receipt that came out otherwise', async () => {
    const { receipt } = await claim();
    const better = JSON.stringify({ ...(JSON.parse(receipt) as object), lossLast: 0.5 });
    const { promise } = native.replay(text, inputs, await claim({ receipt: better }));
    expect(await promise).toMatchObject({
      equal: false,
      fields: ['lossLast'],
      divergence: { what: 'receipt', recorded: '0.5' },
    });
  });

  it('can be cancelled, is the only job, and refuses what is no claim', async () => {
    const refused = native.replay(text, inputs, await claim({ transcript: Buffer.alloc(0) }));
    await expect(refused.promise).rejects.toMatchObject({ code: 'TRAINER_INVALID' });
    const long = smallTraining(LONG);
    const { receipt } = await claim();
    const ofLong = { ...(JSON.parse(receipt) as object), plan: sha256(canonicalize(long.plan) ?? '') };
    const waiting = await claim({ receipt: JSON.stringify(ofLong), transcript: null });
    const job = native.replay(JSON.stringify(long.plan), long.inputs, waiting);
    await expect(train()).rejects.toMatchObject({ code: 'TRAINER_BUSY' });
    job.cancel();
    await expect(job.promise).rejects.toMatchObject({ code: 'TRAINER_CANCELLED', step: expect.any(Number) });
    expect(() => native.replay(text, inputs, { receipt: 1 } as never)).toThrow('receipt must be a string');
  });
});

describe('a refused plan', () => {
  it.each([
    ['an unknown field', { colour: 'red' }, 'TRAINER_INVALID', 'plan.colour is not a known field'],
    [
      'a rate beyond binary32',
      { learningRate: 0.1 },
      'TRAINER_INVALID',
      'plan.learningRate must be exactly a binary32',
    ],
    ['another contract', { contract: 'nc-2' }, 'TRAINER_INVALID', 'plan.contract'],
    ['too few sequences', { steps: STEPS + 1 }, 'TRAINER_INVALID', 'batches'],
    ['an input that is not there', { batches: '0'.repeat(64) }, 'TRAINER_MISSING', '0'.repeat(64)],
  ])('%s', async (_, changes, code, message) => {
    const error = (await attempt(changes).catch((thrown: unknown) => thrown)) as Error & { code: string };
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('names the step at which numbers stopped being finite', async () => {
    const optimiser = { ...plan.optimiser, weightDecay: Math.fround(1e30) };
    const error = await attempt({ learningRate: 1, optimiser }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TRAINER_NON_FINITE' });
    expect((error as { step: number }).step).toBeGreaterThan(0);
    expect((error as { step: number }).step).toBeLessThan(STEPS);
  });

  it('an instruction set that does not exist here', async () => {
    const absent = native.machine().isa.find((isa) => !isa.available)?.name ?? 'neon';
    await expect(train({ isa: absent })).rejects.toMatchObject({ code: 'TRAINER_UNAVAILABLE' });
  });

  it('a device that is not here, in one line that says why', async () => {
    const cuda = native.backends().backends.find(({ name }) => name === 'cuda')!;
    expect(cuda.reason === null).toBe(cuda.available);
    if (cuda.available) return expect(digests(await train({ backend: 'cuda' }))).toEqual(digests(await train()));
    expect(cuda.reason).toMatch(/^[^\n]+$/);
    const message = `backend cuda is not available: ${cuda.reason}`;
    await expect(train({ backend: 'cuda' })).rejects.toMatchObject({ code: 'TRAINER_UNAVAILABLE', message });
    await expect(train({ backend: 'gpu' })).rejects.toMatchObject({ code: 'TRAINER_UNAVAILABLE' });
  });

  it('arguments of the wrong type', () => {
    expect(() => native.run(text, inputs, { backend: 7 as unknown as string })).toThrow(
      'options.backend must be a string',
    );
    expect(() => native.run(text, ['x'] as unknown as Uint8Array[])).toThrow('inputs[0] must be a Uint8Array');
    expect(() => native.run(text, inputs, { threads: 0.5 })).toThrow('options.threads must be a 32-bit integer');
    expect(() => native.initialise(plan.model, '-1')).toThrow('seed must be an unsigned 64-bit integer');
    expect(() => native.initialise(plan.model, 1n << 64n)).toThrow('seed must be an unsigned 64-bit integer');
  });
});

describe('reading checkpoints', () => {
  const model = native.initialise(plan.model, '7');
  const other = native.initialise(plan.model, '8');
  const sequences = textSequences(5, 128);

  it('scores what the logits say', async () => {
    const scores = await native.evaluate(model, sequences);
    const logits = await native.logits(model, sequences);
    expect(logits).toHaveLength(5 * 128 * 256);
    expect([...scores.scored]).toEqual(Array(5).fill(128));
    for (let s = 0; s < 5; s++) {
      let nats = 0;
      let correct = 0;
      for (let t = 0; t < 128; t++) {
        const row = logits.subarray((s * 128 + t) * 256, (s * 128 + t + 1) * 256);
        const target = sequences[16 + s * 384 + 128 + t]!;
        nats += Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[target]!;
        correct += row.indexOf(Math.max(...row)) === target ? 1 : 0;
      }
      expect(Math.abs(scores.nllNats[s]! - nats)).toBeLessThan(1e-3);
      expect(scores.correct[s]).toBe(correct);
    }
  });

  it('measures divergence and distance', async () => {
    expect([...(await native.divergence(model, model, sequences))]).toEqual([0, 0, 0, 0, 0]);
    expect(Math.min(...(await native.divergence(model, other, sequences)))).toBeGreaterThan(0);
    expect(native.distance(model, model).relative).toBe(0);
    expect(native.distance(model, other).relative).toBeGreaterThan(0.1);
    const half = native.interpolate(model, other, 0.5);
    expect(native.distance(model, half).relative).toBeCloseTo(native.distance(model, other).relative / 2, 5);
    expect(() => native.interpolate(model, other, 0.1)).toThrow('factor must be exactly a binary32 number');
  });

  it('describes a checkpoint and refuses a damaged one', async () => {
    const description = native.describe(model);
    expect(description.model).toEqual(plan.model);
    expect(description).toMatchObject({ finite: true, architecture: native.describe(other).architecture });
    expect(description.tensors).toHaveLength(2 * 9 + 2);
    expect(() => native.describe(model.subarray(0, -1))).toThrow('ends at byte');
    await expect(native.evaluate(Buffer.from('nothing'), sequences)).rejects.toMatchObject({ code: 'TRAINER_INVALID' });
    await expect(native.evaluate(model, sequences.subarray(0, -1))).rejects.toThrow('sequences must be');
  });
});
