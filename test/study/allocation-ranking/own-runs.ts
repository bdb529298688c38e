import { decide } from '#ledger/ledger.js';
import { prepareRun } from '#loop/prepare-run.js';
import { loadContext, loadRun } from '#loop/run-context.js';
import { takeStep } from '#loop/run-loop.js';
import { startRun } from '#run/domain/decisions.js';
import { nextStep } from '#run/domain/next-step.js';
import { runStream } from '#run/domain/run.js';
import { parseRunFile } from '#run/parse-run-file.js';
import type { RankingPorts } from './ranking-ports.js';

/** Runs a run file to its end, or to where it waits for somebody; answers the run's name. */
export const makeRun = async (ports: RankingPorts, file: object): Promise<string> => {
  const by = { actor: { kind: 'human', id: 'study', build: '-' } } as const;
  const { data } = await prepareRun(
    ports,
    parseRunFile(file, (message) => new Error(message)),
    by,
  );
  const { run: id } = data.config;
  await decide(ports.ledger, runStream, id, startRun(data), by);
  const context = await loadContext(ports, data.config);
  for (;;) {
    const run = await loadRun(ports, id);
    const step = nextStep(run);
    if (step.kind === 'rest') return id;
    await takeStep(ports, context, run, step);
  }
};
