import { decide } from '#ledger/ledger.js';
import { loadContext, loadRun, type RunContext } from '#loop/run-context.js';
import { takeStep } from '#loop/run-loop.js';
import { prepareRun } from '#loop/prepare-run.js';
import { startRun } from '#run/domain/decisions.js';
import type { DataOf } from '#run/domain/events.js';
import { nextStep } from '#run/domain/next-step.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import { parseRunFile } from '#run/parse-run-file.js';
import type { StudyPorts } from './study-ports.js';

/** The cycle whose candidate is exchanged. */
export const STUDIED_CYCLE = 2;

/** A run with a base, a champion and a proposal, just before the update that every candidate of the study stands for. */
export type StudiedChampion = Readonly<{
  ports: StudyPorts;
  context: RunContext;
  run: Started;
  proposal: DataOf<'CycleProposed'>;
  anchor: string;
  champion: string;
}>;

/** Trains the base and one update, has that judged, and stops where the second would be trained. */
export const trainChampion = async (ports: StudyPorts, file: object): Promise<StudiedChampion> => {
  const by = { actor: { kind: 'human', id: 'study', build: '-' } } as const;
  const parsed = parseRunFile({ ...file, cycles: STUDIED_CYCLE, trainers: 'any' }, (message) => new Error(message));
  const { data } = await prepareRun(ports, parsed, by);
  const id = data.config.run;
  await decide(ports.ledger, runStream, id, startRun(data), by);
  const context = await loadContext(ports, data.config);
  for (;;) {
    const run = await loadRun(ports, id);
    const step = nextStep(run);
    if (step.kind === 'train' && step.cycle === STUDIED_CYCLE) {
      const { proposal } = cycleOf(run, STUDIED_CYCLE);
      const anchor = run.anchor?.checkpoint;
      if (!proposal || !anchor || !run.champion) throw new Error('the run has no anchor, champion or proposal');
      return { ports, context, run, proposal, anchor, champion: run.champion };
    }
    if (step.kind === 'rest') throw new Error(`the run rests before cycle ${STUDIED_CYCLE}`);
    await takeStep(ports, context, run, step);
  }
};
