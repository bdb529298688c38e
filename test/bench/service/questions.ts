import type { Filled } from './filled-folder.js';

/** `point`: one thing by its name. `question`: what follows from many events. `floor`: nothing is read. */
export type Question = Readonly<{ kind: 'floor' | 'point' | 'question'; name: string; paths: readonly string[] }>;

const MOST_PATHS = 1000;

/** Places spread evenly over 0 to count - 1, in an order that jumps. */
const spread = (count: number): readonly number[] =>
  Array.from({ length: Math.min(count, MOST_PATHS) }, (_, at) => (at * 7919) % count);

/** Every question that the service answers over HTTP, asked of many runs. */
export const questionsOf = ({ events, runs, cycles, candidates }: Filled): readonly Question[] => {
  const some = spread(runs.length).map((at) => runs[at] as string);
  const ofRuns = (path: (run: string, at: number) => string): readonly string[] =>
    some.map((run, at) => `/v1/runs/${path(run, at)}`);
  const cycle = (at: number): number => 1 + (at % cycles);
  const positions = spread(events).map((at) => at + 1);
  const point = (name: string, paths: readonly string[]): Question => ({ kind: 'point', name, paths });
  const question = (name: string, paths: readonly string[]): Question => ({ kind: 'question', name, paths });
  return [
    { kind: 'floor', name: '/livez', paths: ['/livez'] },
    point(
      '/v1/runs/:run',
      ofRuns((run) => run),
    ),
    point(
      '/v1/runs/:run/cycles/:cycle',
      ofRuns((run, at) => `${run}/cycles/${cycle(at)}`),
    ),
    point(
      '/v1/runs/:run/live-at?position=',
      ofRuns((run, at) => `${run}/live-at?position=${events - at}`),
    ),
    point(
      '/v1/log/:position',
      positions.map((position) => `/v1/log/${position}`),
    ),
    point('/v1/log/head', ['/v1/log/head']),
    point(
      '/v1/lineages/:root',
      some.map((run) => `/v1/lineages/${run}`),
    ),
    point(
      '/v1/suites/:suite',
      some.map((run) => `/v1/suites/${run}-gate`),
    ),
    point(
      '/v1/artifacts/:sha',
      candidates.map((sha) => `/v1/artifacts/${sha}`),
    ),
    question('/v1/runs', ['/v1/runs']),
    question('/v1/runs?status=halted', ['/v1/runs?status=halted']),
    question(
      '/v1/runs/:run/cycles',
      ofRuns((run) => `${run}/cycles`),
    ),
    question(
      '/v1/runs/:run/cycles/:cycle/verdict',
      ofRuns((run, at) => `${run}/cycles/${cycle(at)}/verdict?recompute=false`),
    ),
    question(
      'the same, judged again at each read',
      ofRuns((run, at) => `${run}/cycles/${cycle(at)}/verdict`),
    ),
    question(
      '/v1/runs/:run/drift',
      ofRuns((run) => `${run}/drift`),
    ),
    question(
      '/v1/runs/:run/allocation',
      ofRuns((run) => `${run}/allocation`),
    ),
    question(
      '/v1/runs/:run/events',
      ofRuns((run) => `${run}/events`),
    ),
    question(
      '/v1/runs/:run/envelope',
      ofRuns((run) => `${run}/envelope`),
    ),
    question(
      '/v1/runs/:run/retention',
      ofRuns((run) => `${run}/retention`),
    ),
    question(
      '/v1/runs/:run/optimism-gap',
      ofRuns((run) => `${run}/optimism-gap`),
    ),
    question('/v1/lineages', ['/v1/lineages']),
    question('/v1/suites', ['/v1/suites']),
    question(
      '/v1/checkpoints/:sha/lineage',
      candidates.map((sha) => `/v1/checkpoints/${sha}/lineage`),
    ),
    question(
      '/v1/log?limit=100',
      positions.map((from) => `/v1/log?from=${from}&limit=100`),
    ),
    question('/metrics', ['/metrics']),
  ];
};
