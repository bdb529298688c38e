import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { RunView } from './client.js';
import { nowMs } from './browser-clock.js';
import { useProgress } from './live-feed.js';
import { progressSentence } from './progress-words.js';

/** A screen reader is told at most so often; the eye sees every step. */
const SPOKEN_EVERY_MS = 10_000;

const useSpoken = (sentence: string): string => {
  const [spoken, setSpoken] = useState(sentence);
  const last = useRef(-Infinity);
  useEffect(() => {
    const left = last.current + SPOKEN_EVERY_MS - nowMs();
    const timer = setTimeout(
      () => {
        last.current = nowMs();
        setSpoken(sentence);
      },
      Math.max(0, left),
    );
    return () => clearTimeout(timer);
  }, [sentence]);
  return spoken;
};

/** What a run is doing at this moment. Its room is kept also when it has nothing to say. */
export const RunProgress = ({ run }: Readonly<{ run: RunView }>): ReactNode => {
  const progress = useProgress(run.run);
  const idle = run.status === 'running' ? 'Waiting for the next step.' : '';
  const sentence = run.status === 'running' && progress ? progressSentence(progress) : idle;
  const spoken = useSpoken(sentence);
  if (run.status !== 'running') return null;
  const { step = null, steps = null } = progress ?? {};
  return (
    <div className="progress">
      <span className="unseen" aria-live="polite">
        {spoken}
      </span>
      <span aria-hidden="true">{sentence}</span>
      <progress
        aria-label="Steps of the update"
        {...(step !== null && steps !== null && { value: step, max: steps })}
      />
    </div>
  );
};
