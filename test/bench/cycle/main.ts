import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { dispatch } from '#doors/dispatch.js';
import { Views } from '#doors/read-model.js';
import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { OnnxEvaluator } from '#evaluation/onnx-evaluator.js';
import { ReferenceEvaluator } from '#evaluation/reference-evaluator.js';
import { Log } from '#ledger/log.js';
import { StartRun } from '#loop/start-run.js';
import { serviceModule } from '#service.module.js';
import { DEMO_RUN, demoRunFile } from '#terminal/demo-run.js';
import { NativeTrainer } from '#trainer/train-natively.js';
import { Weights } from '#trainer/weights.js';
import { Busy } from './busy.js';

/** What a cycle of the demo's run costs a service beyond training and probing: log, judge, read models. */
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seconds = (ms: number): string => (ms / 1000).toFixed(2);

const data = await mkdtemp(join(tmpdir(), 'cycle-'));
const threads = availableParallelism();
const options = { data, threads, host: '127.0.0.1', owner: 'bench' };
const app = await NestFactory.createApplicationContext(serviceModule(options, []), { logger: false });
const [training, probing, either] = [new Busy(), new Busy(), new Busy()];
training.watch(app.get(NativeTrainer), ['carryOut'], either);
for (const kind of [NativeEvaluator, OnnxEvaluator, ReferenceEvaluator])
  probing.watch(app.get(kind), ['evaluate', 'evaluateWithLogits', 'byteScores'], either);
probing.watch(app.get(Weights), ['divergence'], either);

const log = app.get(Log);
await dispatch(app.get(CommandBus), new StartRun(demoRunFile(1, false), { requester: 'bench' }));
const starts: number[] = [];
let end = 0;
const stop = new AbortController();
for await (const { record } of log.subscribe({ streamPrefix: `run-${DEMO_RUN}`, signal: stop.signal })) {
  if (record.type === 'CycleProposed') starts.push(Date.parse(record.recordedAt));
  if (record.type === 'RunCompleted') end = Date.parse(record.recordedAt);
  if (end > 0) stop.abort();
}

say(`${cpus()[0]?.model.trim()}, ${threads} cores, load ${(loadavg()[0] ?? 0).toFixed(2)}, Node ${process.version}`);
say(`cycle  seconds  training  probing  the rest  share of the rest`);
starts.forEach((from, at) => {
  const to = starts[at + 1] ?? end;
  const rest = to - from - either.within(from, to);
  const parts = [training.within(from, to), probing.within(from, to), rest].map(seconds);
  say(
    [
      String(at + 1).padStart(5),
      seconds(to - from).padStart(8),
      ...parts.map((one) => one.padStart(9)),
      `${((100 * rest) / (to - from)).toFixed(1).padStart(10)}%`,
    ].join(' '),
  );
});
const [from] = starts as [number];
const rest = end - from - either.within(from, end);
say(
  `all ${starts.length} cycles: ${((100 * rest) / (end - from)).toFixed(1)}% of their time is neither training nor probing; goal at most 10%`,
);
const views = app.get(Views);
if (!(await views.caughtUp(10_000))) throw new Error(`read models stand at record ${views.position} alone`);
await app.close();
await rm(data, { recursive: true });
