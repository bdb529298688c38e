import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ask, questions, type VerdictView } from './client.js';
import { duration } from './figures.js';
import { Badge, DataTable, Failed } from './parts.js';
import type { Rejudged } from './rejudge.js';
import { outcomeSaid, ruleTitle } from './words.js';

type State =
  | Readonly<{ at: 'idle' | 'busy' }>
  | Readonly<{ at: 'done'; found: Rejudged }>
  | Readonly<{ at: 'failed'; error: Error }>;

const Found = ({ found }: Readonly<{ found: Rejudged }>): ReactNode => {
  const { compared, hashes, hashingMs, judgingMs, verdict } = found;
  const wrong = compared.filter(({ agrees }) => !agrees);
  const same = wrong.length === 0;
  return (
    <>
      <p>
        <Badge
          said={
            same
              ? { text: 'Same verdict', sign: '✓', tone: 'good', means: 'judged in this browser' }
              : { text: 'Another verdict', sign: '✕', tone: 'bad', means: 'judged in this browser' }
          }
        />{' '}
        This browser comes to: {outcomeSaid(verdict.verdict).text.toLowerCase()}.{' '}
        {same
          ? `All ${compared.length} findings agree with the record, to the last digit.`
          : `${wrong.length} of ${compared.length} findings differ from the record.`}{' '}
        Judging took {duration(judgingMs)}; before that, {hashes} hashes were recomputed in {duration(hashingMs)}, and
        all were right.
      </p>
      <details open={!same}>
        <summary>Each of the {compared.length} findings</summary>
        <DataTable
          caption="What was judged here, beside the record"
          rows={compared}
          keyOf={({ what }) => what}
          columns={[
            { head: 'Finding', heads: true, cell: ({ what }) => ruleTitle(what) },
            {
              head: 'Agrees',
              cell: ({ agrees, recorded, here }) =>
                agrees ? (
                  '✓ the same'
                ) : (
                  <>
                    ✕ recorded <code>{recorded}</code>, here <code>{here}</code>
                  </>
                ),
            },
          ]}
        />
      </details>
      <p className="muted small">
        Two things this page takes from the service without recomputing them: that every weight is finite, and the shape
        of the model. Both follow from the weights, which a replay trains again.
      </p>
    </>
  );
};

/** Judges the verdict again in this browser, by the code the service judges with. */
export const RejudgePanel = ({
  verdict,
  completed,
}: Readonly<{ verdict: VerdictView; completed: boolean }>): ReactNode => {
  const [state, setState] = useState<State>({ at: 'idle' });
  const stop = useRef(new AbortController());
  useEffect(() => {
    const now = new AbortController();
    stop.current = now;
    return () => now.abort();
  }, []);
  const { run, cycle } = verdict;
  const start = async (): Promise<void> => {
    const { signal } = stop.current;
    setState({ at: 'busy' });
    try {
      const [{ rejudge }, bundle] = await Promise.all([
        import('./rejudge.js'),
        ask(questions.evidence(run, cycle).path, signal) as Promise<
          Parameters<typeof import('./rejudge.js').rejudge>[0]
        >,
      ]);
      const found = await rejudge(bundle);
      if (!signal.aborted) setState({ at: 'done', found });
    } catch (error) {
      if (!signal.aborted) setState({ at: 'failed', error: error as Error });
    }
  };
  if (!completed)
    return (
      <p className="note">
        You can judge it again in this browser once the run is completed. Until then the items that candidates are
        judged by stay under seal: a run whose items are known could be trained to please its judge.
      </p>
    );
  return (
    <div>
      <p>
        The button fetches the evidence, recomputes the hash of all of it, and judges it here: by the same code that the
        service judges with, but on your machine.
      </p>
      <p>
        <button type="button" onClick={() => void start()} disabled={state.at === 'busy'}>
          Re-judge in this browser
        </button>
      </p>
      <div aria-live="polite">
        {state.at === 'busy' && <p>Judging …</p>}
        {state.at === 'done' && <Found found={state.found} />}
        {state.at === 'failed' && (
          <Failed error={state.error} again={() => void start()} what="The verdict could not be judged here: it" />
        )}
      </div>
    </div>
  );
};
