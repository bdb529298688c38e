import type { EvidenceBundle } from '#audit/evidence.api.js';
import type { DistillationView } from '#distillation/distillation.view.js';
import type { LogHead, LogRecord } from '#doors/log.view.js';
import type { Problem } from '#doors/problem.js';
import type { Page } from '#doors/page.js';
import type { EnvelopeView } from '#experiment/envelope.view.js';
import type { ExperimentView, HypothesisView } from '#report/experiment.view.js';
import type { ReportParts } from '#report/report.view.js';
import type { AllocationView } from '#run/allocation.view.js';
import type { CycleView } from '#run/cycle.view.js';
import type { DriftView } from '#run/drift.view.js';
import type { LiveView } from '#run/live.view.js';
import type { RunView } from '#run/run.view.js';
import type { VerdictView } from '#run/verdict.view.js';

export type {
  AllocationView,
  CycleView,
  DistillationView,
  DriftView,
  EnvelopeView,
  EvidenceBundle,
  ExperimentView,
  HypothesisView,
  LiveView,
  LogRecord,
  Page,
  Problem,
  ReportParts,
  RunView,
  VerdictView,
};

/** The service said no, and why. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** The service said nothing: it is stopped, or there is no way to it. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

const TOKEN = 'prometheus-ledger-token';

/** For as long as the tab is open; nothing of it is written to a disk. */
export const token = {
  get: (): string | null => sessionStorage.getItem(TOKEN),
  set: (secret: string): void => sessionStorage.setItem(TOKEN, secret),
  clear: (): void => sessionStorage.removeItem(TOKEN),
};

const asProblem = async (response: Response, path: string): Promise<Problem> => {
  const fallback: Problem = {
    type: 'about:blank',
    title: response.statusText || 'An error',
    status: response.status,
    detail: `the service answered ${response.status} without saying why`,
    instance: path,
  };
  if (!response.headers.get('content-type')?.includes('json')) return fallback;
  return { ...fallback, ...((await response.json()) as Partial<Problem>) };
};

/** @throws Refusal, Unreachable */
export const open = async (path: string, signal: AbortSignal, accept = 'application/json'): Promise<Response> => {
  const secret = token.get();
  const headers = { accept, ...(secret !== null && { authorization: `Bearer ${secret}` }) };
  let response: Response;
  try {
    response = await fetch(path, { headers, signal, cache: 'no-store' });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Unreachable('The service does not answer. It may have been stopped.');
  }
  if (!response.ok) throw new Refusal(await asProblem(response, path));
  return response;
};

export const ask = async <T>(path: string, signal: AbortSignal): Promise<T> =>
  (await (await open(path, signal)).json()) as T;

type Query = Readonly<Record<string, string | number | undefined>>;

const withQuery = (path: string, query: Query): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? path : `${path}?${text}`;
};

const ofRun = (run: string): string => `v1/runs/${encodeURIComponent(run)}`;
const ofExperiment = (experiment: string): string => `v1/experiments/${encodeURIComponent(experiment)}`;
const MOST = 1000;

/** A path with the shape of what it answers, so that asking needs no second word about it. */
export type Question<T> = Readonly<{ path: string; answers?: T }>;
const question = <T>(path: string, query: Query = {}): Question<T> => ({ path: withQuery(path, query) });

/** Where a report lies as a file. */
export const reportFile = (experiment: string, format: 'html' | 'markdown'): string =>
  withQuery(`${ofExperiment(experiment)}/report`, { format });

/** Everything the page asks. */
export const questions = {
  runs: (cursor?: string) => question<Page<RunView>>('v1/runs', { limit: 50, cursor }),
  run: (run: string) => question<RunView>(ofRun(run)),
  cycles: (run: string) => question<Page<CycleView>>(`${ofRun(run)}/cycles`, { limit: MOST }),
  cycle: (run: string, cycle: number) => question<CycleView>(`${ofRun(run)}/cycles/${cycle}`),
  verdict: (run: string, cycle: number) => question<VerdictView>(`${ofRun(run)}/cycles/${cycle}/verdict`),
  evidence: (run: string, cycle: number) => question<EvidenceBundle>(`${ofRun(run)}/cycles/${cycle}/evidence`),
  drift: (run: string) => question<Page<DriftView>>(`${ofRun(run)}/drift`, { limit: MOST }),
  allocation: (run: string) => question<Page<AllocationView>>(`${ofRun(run)}/allocation`, { limit: MOST }),
  envelope: (run: string) => question<EnvelopeView>(`${ofRun(run)}/envelope`),
  liveAt: (run: string, at: Readonly<{ position?: string; time?: string }>) =>
    question<LiveView>(`${ofRun(run)}/live-at`, at),
  experiments: () => question<Page<ExperimentView>>('v1/experiments', { limit: MOST }),
  experiment: (experiment: string) => question<ExperimentView>(ofExperiment(experiment)),
  distillations: (cursor?: string) => question<Page<DistillationView>>('v1/distillations', { limit: 50, cursor }),
  distillationsOf: (experiment: string) =>
    question<Page<DistillationView>>('v1/distillations', { experiment, limit: MOST }),
  distillation: (distillation: string) =>
    question<DistillationView>(`v1/distillations/${encodeURIComponent(distillation)}`),
  report: (experiment: string) => question<ReportParts>(`${ofExperiment(experiment)}/report`, { format: 'json' }),
  log: ({ stream, type, from, cursor }: Readonly<Record<'stream' | 'type' | 'from', string> & { cursor?: string }>) =>
    question<Page<LogRecord>>('v1/log', { stream, type, from, cursor, limit: 50, direction: 'backward' }),
  head: () => question<LogHead>('v1/log/head'),
  record: (position: number) => question<LogRecord>(`v1/log/${position}`),
} as const;
