import { fileURLToPath } from 'node:url';
import type { ChildProcess } from 'node:child_process';
import canonicalize from 'canonicalize';
import { JobProcess } from '#trainer/job-process.js';
import { loadNative, type NativeJob, type NativeOutput } from '#trainer/native.js';
import type { Progress } from '#trainer/trainer.js';
import { sha256, smallTraining } from './training-plan.js';

// What jobs on a device come to, with the emulated one in its place; test/native/device.spec.ts reads the answers. A process of
// its own, since only its own environment says which plugin is tried.

const STEPS = 3;
const LONG = 1000;
const CUDA = { threads: 1, backend: 'cuda' };

const plugin = (name: string, failing = ''): void => {
  process.env['TRAINER_DEVICE_PLUGIN'] = fileURLToPath(new URL(`../../native/${name}.so`, import.meta.url));
  process.env['FAILING_PLUGIN'] = failing;
};
const failure = async (promise: Promise<unknown>): Promise<unknown> => {
  const error = (await promise.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  )) as Error;
  return { ...error, name: error.name, message: error.message };
};
const digests = ({ checkpoint, optimiser, transcript, receipt }: NativeOutput): readonly string[] =>
  [checkpoint, optimiser, transcript, receipt].map((bytes) => sha256(bytes));

const native = loadNative();
const { plan, inputs } = smallTraining(STEPS);
const text = canonicalize(plan) ?? '';
const jobs = new JobProcess();
const unheard = (): void => undefined;
const begin = (hear: (progress: Progress) => void = unheard): NativeJob => jobs.run(text, inputs, CUDA, hear);
/** The process is another one from now on, with another plugin in it. */
const anew = (name: string, failing?: string): void => {
  jobs.stop();
  plugin(name, failing);
};

const refused: Record<string, unknown> = {};
for (const name of ['absent', 'empty_plugin', 'crashing_plugin', 'wrong_plugin']) {
  anew(name);
  refused[name] = await failure(jobs.ready());
}
const stillRefused = await failure(begin().promise);

anew('emulated_cuda');
const reports: Progress[] = [];
const onDevice = await begin((progress) => reports.push(progress)).promise;
const onProcessor = await native.run(text, inputs, { threads: 1 }).promise;
const { receipt, transcript } = onProcessor;
const claim = { receipt: receipt.toString(), transcript, candidate: null, states: null };
const replayed = await jobs.replay(text, inputs, claim, CUDA, unheard).promise;

const wild = { ...plan, learningRate: 1, optimiser: { ...plan.optimiser, weightDecay: Math.fround(1e30) } };
const nonFinite = await failure(jobs.run(canonicalize(wild) ?? '', inputs, CUDA, unheard).promise);

const long = smallTraining(LONG);
const endless = jobs.run(canonicalize(long.plan) ?? '', long.inputs, CUDA, () => endless.cancel());
const cancelled = await failure(endless.promise);
jobs.stop();
const early = jobs.run(canonicalize(long.plan) ?? '', long.inputs, CUDA, unheard);
early.cancel();
const cancelledBefore = await failure(early.promise);

let forlorn: ChildProcess | undefined;
const stopped = await failure(
  jobs.run(canonicalize(long.plan) ?? '', long.inputs, CUDA, () => {
    jobs.stop();
  }).promise,
);
const lost = await failure(
  jobs.run(canonicalize(long.plan) ?? '', long.inputs, CUDA, () => {
    const { child } = jobs as unknown as { child: ChildProcess | undefined };
    // As when nothing can be sent to it any more, while it lives on.
    forlorn ??= child;
    child?.emit('error', new Error('the channel is broken'));
  }).promise,
);
const ended = forlorn?.killed;

const broken: Record<string, unknown> = {};
for (const how of ['crash', 'memory', 'kernel']) {
  anew('failing_plugin', how);
  broken[how] = await failure(begin().promise);
}
// The process that failed is gone: another plugin is taken up without anybody ending it.
plugin('emulated_cuda');
const again = digests(await begin().promise);

const answers = {
  refused,
  stillRefused,
  nonFinite,
  cancelled,
  cancelledBefore,
  stopped,
  lost,
  ended,
  broken,
  replayed,
  again,
};
const trained = { device: digests(onDevice), processor: digests(onProcessor), lastReport: reports.at(-1)?.step };
process.stdout.write(JSON.stringify({ ...answers, ...trained }));
