import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { planInputs, type Distillation, type HybridModel, type Plan } from '#trainer/domain/plan.js';
import { receiptSchema, type Receipt } from '#trainer/domain/receipt.js';
import { loadNative, type NativeOutput } from '#trainer/native.js';
import { sha256, smallTraining, textSequences } from './training-plan.js';

jest.setTimeout(60_000);

const STEPS = 12;
const BATCH = 4;
const LENGTH = 64;
const KEPT = 16;
const HEADER = 28;
const DIGESTS = 64;

const TRAINER = fileURLToPath(new URL('../../native/trainer', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'distillation-'));
const native = loadNative();
const batches = textSequences(STEPS * BATCH, LENGTH);

const small = { layers: 2, dState: 16, headDim: 16, expand: 2, convWidth: 4, chunk: 64, vocab: 256 } as const;
const teacherModel: HybridModel = { ...small, dModel: 64, layers: 3, attention: [1] };
const studentModel: HybridModel = { ...small, dModel: 32 };

const planOf = (changes: Partial<Plan>): Plan =>
  smallTraining(STEPS, { batches: sha256(batches), learningRate: 0.0078125, ...changes }).plan;

const train = (plan: Plan, inputs: readonly Uint8Array[], threads = 2): Promise<NativeOutput> =>
  native.run(JSON.stringify(plan), inputs, { threads }).promise;

const receiptOf = ({ receipt }: NativeOutput): Receipt => receiptSchema.parse(JSON.parse(receipt.toString()));

let teacher: Buffer;
let traces: Buffer;
let distillation: Distillation;

const distilled = (changes: Partial<Distillation> = {}): Plan =>
  planOf({ model: studentModel, distillation: { ...distillation, ...changes } });

beforeAll(async () => {
  teacher = (await train(planOf({ model: teacherModel }), [batches])).checkpoint;
  traces = await native.trace(teacher, batches, { logits: KEPT, hidden: [1, 2] });
  distillation = {
    traces: sha256(traces),
    taskWeight: 0.5,
    logits: { weight: 1, temperature: 2 },
    hidden: [{ teacher: 1, student: 0, weight: 0.5 }],
    projection: { seed: '7' },
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a hybrid teacher', () => {
  it('is described by its tensors, attention among the layers', () => {
    const { model, tensors } = native.describe(teacher);
    expect(model).toEqual(teacherModel);
    expect(tensors.filter(({ name }) => name.includes('layers.1.')).map(({ name }) => name)).toEqual([
      'backbone.layers.1.norm.weight',
      'backbone.layers.1.mixer.q_proj.weight',
      'backbone.layers.1.mixer.k_proj.weight',
      'backbone.layers.1.mixer.v_proj.weight',
      'backbone.layers.1.mixer.o_proj.weight',
    ]);
    expect(native.describe(native.initialise(studentModel, 1n)).model).toEqual(studentModel);
  });

  it('is refused where layers or heads do not fit', () => {
    const initialise = (changes: Partial<HybridModel>) => () => native.initialise({ ...teacherModel, ...changes }, 1n);
    expect(initialise({ attention: [3] })).toThrow('model.attention[0] must be an integer from 0 to 2, not 3');
    expect(initialise({ attention: [] })).toThrow('model.attention must be absent, or a list');
    expect(initialise({ headDim: 128 })).toThrow('model.headDim must divide dModel = 64');
    expect(() => native.exportOnnx(teacher, LENGTH)).toThrow('layer 1 is attention');
  });

  it('leaves traces in the documented form, whatever the threads', async () => {
    const layers = 2;
    const header = HEADER + 4 * layers + DIGESTS;
    expect(traces.toString('latin1', 0, 8)).toBe('PLTR0001');
    const sizes = [8, 12, 16, 20, 24, 28, 32].map((at) => traces.readUInt32LE(at));
    expect(sizes).toEqual([STEPS * BATCH, LENGTH, KEPT, teacherModel.dModel, layers, 1, 2]);
    expect(traces.toString('hex', header - DIGESTS, header)).toBe(sha256(teacher) + sha256(batches));
    const record = LENGTH * (1 + KEPT + 4 * KEPT + 4 * layers * teacherModel.dModel);
    expect(traces.length).toBe(header + STEPS * BATCH * record);
    const logits = await native.logits(teacher, batches);
    const [position, sequence] = [9, 5];
    const listed = header + sequence * record + LENGTH;
    const byte = traces[listed + position * KEPT]!;
    const row = logits.subarray((sequence * LENGTH + position) * 256, (sequence * LENGTH + position + 1) * 256);
    expect(row[byte]).toBe(Math.max(...row));
    expect(traces.readFloatLE(listed + LENGTH * KEPT + 4 * position * KEPT)).toBe(row[byte]);
    const again = await native.trace(teacher, batches, { logits: KEPT, hidden: [1, 2] }, { threads: 1 });
    expect(again.equals(traces)).toBe(true);
  });
});

describe('a student', () => {
  it('comes nearer to its teacher, to the same bytes on any number of threads', async () => {
    const plan = distilled();
    expect(planInputs(plan)).toEqual([sha256(batches), sha256(traces)]);
    const output = await train(plan, [batches, traces]);
    const { distillation: found } = receiptOf(output);
    expect(found!.divergenceLast!).toBeLessThan(found!.divergenceFirst!);
    expect(found!.hiddenLast[0]!).toBeLessThan(found!.hiddenFirst[0]!);
    expect(sha256((await train(plan, [batches, traces], 1)).receipt)).toBe(sha256(output.receipt));
    const alone = await train(planOf({ model: studentModel }), [batches]);
    expect(receiptOf(alone)).not.toHaveProperty('distillation');
    expect(sha256(alone.checkpoint)).not.toBe(sha256(output.checkpoint));
  });

  it.each([
    ['traces that are not there', {}, false, 'plan.distillation.traces names'],
    ['no projection between widths', { projection: null }, true, 'the teacher is 64 wide and the student 32'],
    ['a layer without traces', { hidden: [{ teacher: 0, student: 0, weight: 1 }] }, true, 'hidden states of layer 0'],
    ['nothing to learn', { hidden: [], logits: null, projection: null }, true, 'must learn from logits or from hidden'],
  ])('is refused with %s', async (_, changes, given, message) => {
    await expect(train(distilled(changes), given ? [batches, traces] : [batches])).rejects.toThrow(message);
  });

  it('is refused traces of other sequences', async () => {
    const others = textSequences(STEPS * BATCH, LENGTH, 3);
    const foreign = await native.trace(teacher, others, { logits: KEPT, hidden: [1] });
    const plan = distilled({ traces: sha256(foreign) });
    await expect(train(plan, [batches, foreign])).rejects.toThrow('plan.distillation.traces are of other sequences');
  });
});

describe('the command line', () => {
  const at = (name: string): string => join(folder, name);
  const trainer = (...words: string[]) => spawnSync(TRAINER, words, { encoding: 'utf8' });

  it('traces a teacher and replays a student', async () => {
    const plan = distilled();
    writeFileSync(at('teacher'), teacher);
    writeFileSync(at('batches'), batches);
    const [layers, out] = ['1,2', at('traces')];
    const words = ['trace', at('teacher'), at('batches'), '--out', out, '--logits', String(KEPT), '--hidden', layers];
    expect(trainer(...words)).toMatchObject({ status: 0, stdout: `${sha256(traces)}\n` });
    expect(readFileSync(out).equals(traces)).toBe(true);
    writeFileSync(at('plan.json'), JSON.stringify(plan));
    writeFileSync(at('receipt.json'), (await train(plan, [batches, traces])).receipt);
    const replayed = trainer('replay', at('plan.json'), '--inputs', folder, '--receipt', at('receipt.json'));
    expect(replayed).toMatchObject({ status: 0, stdout: expect.stringMatching(/^equal/) });
    const wrong = trainer('trace', at('teacher'), at('batches'), '--out', out, '--hidden', '1;2');
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('--hidden must be layers as 0,2') });
  });
});
