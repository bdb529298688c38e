import { useEffect, useState } from 'react';

/** Where one can be on the page. Everything is in the part of the address behind the #, so the service sees none of it. */
export type Place =
  | Readonly<{ at: 'runs' }>
  | Readonly<{ at: 'run'; run: string }>
  | Readonly<{ at: 'cycle'; run: string; cycle: number }>
  | Readonly<{ at: 'experiments' }>
  | Readonly<{ at: 'experiment'; experiment: string }>
  | Readonly<{ at: 'distillations' }>
  | Readonly<{ at: 'distillation'; distillation: string }>
  | Readonly<{ at: 'log'; stream: string; type: string; from: string }>
  | Readonly<{ at: 'record'; position: number }>
  | Readonly<{ at: 'words' }>
  | Readonly<{ at: 'nowhere'; hash: string }>;

const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const placeOfLog = (parts: readonly string[], query: URLSearchParams): Place | undefined => {
  const given = (name: string): string => query.get(name) ?? '';
  if (parts.length === 1) return { at: 'log', stream: given('stream'), type: given('type'), from: given('from') };
  const position = whole(parts[1]);
  return parts.length === 2 && position !== undefined ? { at: 'record', position } : undefined;
};

const placeOfRun = ([, run, cycles, number, ...more]: readonly string[]): Place | undefined => {
  if (run === undefined) return { at: 'runs' };
  if (cycles === undefined) return { at: 'run', run };
  const cycle = whole(number);
  if (cycles !== 'cycles' || cycle === undefined || more.length > 0) return undefined;
  return { at: 'cycle', run, cycle };
};

const placeOfExperiment = ([, experiment, ...more]: readonly string[]): Place | undefined => {
  if (experiment === undefined) return { at: 'experiments' };
  return more.length === 0 ? { at: 'experiment', experiment } : undefined;
};

const placeOfDistillation = ([, distillation, ...more]: readonly string[]): Place | undefined => {
  if (distillation === undefined) return { at: 'distillations' };
  return more.length === 0 ? { at: 'distillation', distillation } : undefined;
};

const placeOfWords = (parts: readonly string[]): Place | undefined =>
  parts.length === 1 ? { at: 'words' } : undefined;

const FIRST_PARTS: Readonly<Record<string, (parts: readonly string[], query: URLSearchParams) => Place | undefined>> = {
  runs: placeOfRun,
  log: placeOfLog,
  experiments: placeOfExperiment,
  distillations: placeOfDistillation,
  words: placeOfWords,
};

/** The place that the part behind the # names. */
export const placeOf = (hash: string): Place => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').filter(Boolean).map(decoded);
  const read = Object.hasOwn(FIRST_PARTS, parts[0] ?? 'runs') ? FIRST_PARTS[parts[0] ?? 'runs'] : undefined;
  const found = read?.(parts, new URLSearchParams(query));
  return found ?? { at: 'nowhere', hash };
};

export const links = {
  runs: '#/runs',
  run: (run: string): string => `#/runs/${encodeURIComponent(run)}`,
  cycle: (run: string, cycle: number): string => `#/runs/${encodeURIComponent(run)}/cycles/${cycle}`,
  log: (filter: Readonly<Record<string, string>> = {}): string => {
    const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== '')).toString();
    return query === '' ? '#/log' : `#/log?${query}`;
  },
  experiments: '#/experiments',
  experiment: (experiment: string): string => `#/experiments/${encodeURIComponent(experiment)}`,
  distillations: '#/distillations',
  distillation: (distillation: string): string => `#/distillations/${encodeURIComponent(distillation)}`,
  record: (position: number): string => `#/log/${position}`,
  words: '#/words',
} as const;

export const usePlace = (): Place => {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const moved = (): void => setHash(window.location.hash);
    window.addEventListener('hashchange', moved);
    return () => window.removeEventListener('hashchange', moved);
  }, []);
  return placeOf(hash);
};
