import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, Refusal, type Question } from './client.js';

/** What is known of an answer. `answer` stays while it is asked again, so that nothing on the page jumps. */
export type Asked<T> = Readonly<{
  answer: T | undefined;
  error: Error | undefined;
  busy: boolean;
  again: () => void;
}>;

type Known<T> = Readonly<{ path: string | undefined; answer?: T; error?: Error; busy: boolean }>;

const BEHIND = 'urn:prometheus-ledger:problem:views-behind';
const PATIENCE_TRIES = 60;
const PAUSE_MS = 1000;

/** A service that has just been started reads its log first; until it has, the question is put again. */
const patiently = async <T>(put: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  for (let tried = 1; ; tried += 1)
    try {
      return await put();
    } catch (error) {
      const behind = error instanceof Refusal && error.problem.type === BEHIND;
      if (!behind || tried === PATIENCE_TRIES || signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
};

/** Asks a question, and again whenever `version` changes. Undefined asks nothing. */
export const useAnswer = <T>(question: Question<T> | undefined, version = 0): Asked<T> => {
  const path = question?.path;
  const [known, setKnown] = useState<Known<T>>({ path, busy: path !== undefined });
  const [tries, setTries] = useState(0);
  const latest = useRef(path);
  latest.current = path;
  useEffect(() => {
    if (path === undefined) return undefined;
    const stop = new AbortController();
    setKnown((before) => (before.path === path ? { ...before, busy: true } : { path, busy: true }));
    patiently(() => ask<T>(path, stop.signal), stop.signal)
      .then((answer) => setKnown({ path, answer, busy: false }))
      .catch((error: Error) => {
        if (!stop.signal.aborted)
          setKnown((before) => ({ ...(before.path === path && before), path, error, busy: false }));
      });
    return () => stop.abort();
  }, [path, version, tries]);
  const again = useCallback(() => setTries((before) => before + 1), []);
  const current: Known<T> = known.path === path ? known : { path, busy: path !== undefined };
  return { answer: current.answer, error: current.error, busy: current.busy, again };
};
