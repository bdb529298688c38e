import type { Job, JobReply, JobRequest } from './job-protocol.js';
import { loadNative, type Native, type NativeError } from './native.js';
import type { Progress } from './trainer.js';

// A process of its own: what a device's driver or plugin breaks ends this child, never who asked for the training.

let cancel = (): void => undefined;

const send = (reply: JobReply): void => void process.send?.(reply);

const carryOut = async (native: Native, job: Job): Promise<JobReply> => {
  try {
    const { plan, inputs, options } = job;
    const hear = (progress: Progress): void => send({ kind: 'progress', progress });
    const started =
      job.kind === 'run'
        ? native.run(plan, inputs, options, hear)
        : native.replay(plan, inputs, job.claim, options, hear);
    cancel = () => started.cancel();
    return { kind: 'done', result: await started.promise };
  } catch (error) {
    const { code, message, step } = error as NativeError;
    return { kind: 'failed', failure: { code, message, ...(step !== undefined && { step }) } };
  } finally {
    cancel = () => undefined;
  }
};

const tried = (native: Native): string | null => {
  const cuda = native.backends().backends.find(({ name }) => name === 'cuda');
  return cuda?.available ? null : (cuda?.reason ?? 'this trainer knows no such backend');
};

const native = loadNative();
process.on('message', (request: JobRequest) => {
  if (request.kind === 'cancel') cancel();
  else void carryOut(native, request).then(send);
});
// A terminal sends Ctrl-C to both processes; whoever asked says what becomes of the job.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
// The parent is gone: nobody is left to answer to.
process.on('disconnect', () => process.exit());
send({ kind: 'tried', refusal: tried(native) });
