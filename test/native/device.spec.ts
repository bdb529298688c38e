import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./device-child.js', import.meta.url));
type Failure = Readonly<{ name: string; message: string; code?: string; reason?: string; step?: number | null }>;
type Answers = Readonly<{
  refused: Readonly<Record<string, Failure>>;
  stillRefused: Failure;
  device: readonly string[];
  processor: readonly string[];
  again: readonly string[];
  lastReport: number;
  replayed: Readonly<{ equal: boolean; sentence: string }>;
  nonFinite: Failure;
  cancelled: Failure;
  cancelledBefore: Failure;
  stopped: Failure;
  lost: Failure;
  ended: boolean;
  broken: Readonly<Record<string, Failure>>;
}>;

/** Jobs on the emulated device, in a process of their own as a GPU's would be. */
let found: Answers;
beforeAll(() => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHILD], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the child ended with ${status}: ${stderr}`);
  // No error of it: that the process which asks lives on.
  expect(stderr).toBe('');
  found = JSON.parse(stdout) as Answers;
}, 240_000);

it('gives checkpoint, moments, transcript and receipt with the bytes of the processor', () => {
  expect(found.device).toEqual(found.processor);
  expect(new Set(found.device).size).toBe(4);
  expect(found.lastReport).toBe(3);
});

it('replays what the processor trained, and says so as the processor does', () => {
  expect(found.replayed).toMatchObject({ equal: true, sentence: expect.stringContaining('all 3 steps') });
});

it.each([
  ['absent', /^backend cuda: no plugin: .+absent\.so: No such file or directory$/],
  ['empty_plugin', /^backend cuda: .+empty_plugin\.so is no plugin of the trainer/],
  ['crashing_plugin', /^backend cuda: its self-test ended by signal 11/],
  ['wrong_plugin', /^backend cuda: .*its self-test failed, add has other bits than the contract$/],
])('is not ready with the plugin %s', (plugin, message) => {
  expect(found.refused[plugin]).toMatchObject({ name: 'NativeUnavailable', message: expect.stringMatching(message) });
});

it('begins no job that its device is not ready for', () => {
  expect(found.stillRefused).toEqual(found.refused['wrong_plugin']);
});

it('passes on what is the outcome of a job, with its step', () => {
  expect(found.nonFinite).toMatchObject({ code: 'TRAINER_NON_FINITE', step: 1 });
  expect(found.cancelled).toMatchObject({ code: 'TRAINER_CANCELLED', step: expect.any(Number) });
  expect(found.cancelled.step).toBeLessThan(1000);
  expect(found.cancelledBefore).toMatchObject({ code: 'TRAINER_CANCELLED' });
});

it.each([
  ['crash', /^backend cuda: its process ended \(SIGSEGV\)/],
  ['memory', /^backend cuda: out of memory: the device is full$/],
  ['kernel', /^backend cuda: starting a kernel: unspecified launch failure$/],
])('fails one job when the device fails in it: %s', (how, message) => {
  expect(found.broken[how]).toMatchObject({
    name: 'UpdateFailed',
    reason: 'crash',
    message: expect.stringMatching(message),
  });
});

it('fails the job that its process was stopped in', () => {
  expect(found.stopped).toMatchObject({ reason: 'crash', message: 'backend cuda: its process was stopped' });
});

it('ends a process that it has lost hold of, or the device would stay taken', () => {
  expect(found.lost).toMatchObject({ reason: 'crash', message: 'backend cuda: the channel is broken' });
  expect(found.ended).toBe(true);
});

it('trains on in a new process after all that', () => {
  expect(found.again).toEqual(found.processor);
});
