import { statfs } from 'node:fs/promises';
import type { Signing } from '#audit/signing.js';
import type { Figures } from '#doors/figures.js';
import type { Views } from '#doors/read-model.js';
import type { Readiness } from '#doors/readiness.js';
import type { Stopping } from '#doors/stopping.js';
import { headOf } from '#ledger/log.js';
import type { LoopDriver } from '#loop/loop-driver.js';
import { RunFigures } from '#run/run-figures.js';
import type { WatchedLog } from '#store/watched-log.js';
import type { TrainingDesk } from '#trainer/training-desk.js';

const LEAST_FREE_BYTES = 256e6;
const APPEND_BUCKETS_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Everything of a service that can be looked at. */
export class Watched {
  constructor(
    readonly log: WatchedLog,
    readonly loop: LoopDriver,
    readonly desk: TrainingDesk,
    readonly views: Views,
    readonly figures: Figures,
    readonly readiness: Readiness,
    readonly stopping: Stopping,
    readonly signing: Signing,
  ) {}
}

const freeBytes = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

const watchPlace = ({ log, figures, readiness, stopping, signing }: Watched, data: string): void => {
  readiness.add('service', () => {
    const { aborted } = stopping.signal;
    return { ready: !aborted, detail: aborted ? 'stopping' : 'running' };
  });
  readiness.add('log', async () => {
    const away = log.trouble();
    if (away !== null) return { ready: false, detail: away };
    const { unwritable } = log;
    return {
      ready: unwritable === null,
      detail: unwritable ?? `${await headOf(log)} records; the last append was kept`,
    };
  });
  readiness.add('checkpoints', () => {
    const { error } = signing;
    return { ready: error === null, detail: error ?? 'the log is signed as it grows' };
  });
  readiness.add('disk', async () => {
    const free = await freeBytes(data);
    const detail = `${Math.round(free / 1e6)} MB free; ${LEAST_FREE_BYTES / 1e6} MB are needed`;
    return { ready: free >= LEAST_FREE_BYTES, detail };
  });
  figures.add({
    name: 'ledger_log_records',
    help: 'records in the log',
    read: async () => [{ value: await headOf(log) }],
  });
  figures.add({
    name: 'ledger_disk_free_bytes',
    help: 'free space where the data lies',
    read: async () => [{ value: await freeBytes(data) }],
  });
  const help = 'from the wish to append to its being durable';
  log.onAppend(figures.durations('ledger_append_duration_seconds', help, APPEND_BUCKETS_SECONDS));
};

/** Further behind than this, questions are about a past that nobody expects. */
const MOST_LAG = 10_000;

const watchViews = ({ log, views, figures, readiness }: Watched): void => {
  readiness.add('read models', async () => {
    if (log.trouble() !== null) return { ready: false, detail: 'the log that they follow does not answer' };
    const { position, lag, error } = await views.state();
    const detail = error ?? `at position ${position}, ${lag} records behind the log`;
    return { ready: error === null && lag <= MOST_LAG, detail };
  });
  figures.add({
    name: 'ledger_views_lag_records',
    help: 'records of the log that the read models have not taken up',
    read: async () => [{ value: (await views.state()).lag }],
  });
};

/** Whether updates are trained, and runs go on, in this process. */
type Works = Readonly<{ trains: boolean; drives: boolean }>;
type Serving = Partial<Works> & Readonly<{ data: string }>;

const watchWork = ({ loop, desk, figures, readiness }: Watched, { trains, drives }: Works): void => {
  const waiting = (): number => desk.standings().filter(({ trainer }) => trainer === null).length;
  readiness.add('loop', () => {
    const states = loop.states();
    const failing = states.find(({ error }) => error !== null);
    const detail = failing
      ? `run ${failing.run} tries again: ${failing.error}`
      : `${states.length} runs under way or halted${drives ? '' : '; none goes on in this process'}`;
    return { ready: loop.error === null, detail: loop.error ?? detail };
  });
  readiness.add('trainer', () => {
    const [all, left] = [desk.standings().length, waiting()];
    const own = desk.trouble === null ? '' : `; this process trains none: ${desk.trouble}`;
    const detail = `${all - left} updates are being trained, ${left} wait for a trainer${own}`;
    // Always ready: a service that is taken out of service for want of a trainer could never be reached by one.
    return { ready: true, detail: trains ? detail : `${detail}; none trains in this process` };
  });
  figures.add({
    name: 'ledger_trainer_claims',
    help: 'updates at the training desk: claimed by a trainer, or waiting for one',
    labels: ['state'],
    read: () => [
      { labels: { state: 'claimed' }, value: desk.standings().length - waiting() },
      { labels: { state: 'waiting' }, value: waiting() },
    ],
  });
  figures.add({
    name: 'ledger_run_drivers',
    help: 'runs by what their driver is doing',
    labels: ['state'],
    read: () =>
      (['working', 'waiting', 'retrying', 'resting'] as const).map((state) => ({
        labels: { state },
        value: loop.states().filter((driver) => driver.state === state).length,
      })),
  });
};

/** Adds a service's parts to /readyz and its figures to /metrics. */
export const watchService = (watched: Watched, { data, trains = true, drives = true }: Serving): void => {
  watchPlace(watched, data);
  watchViews(watched);
  watchWork(watched, { trains, drives });
  new RunFigures(watched.log).addTo(watched.figures);
};
