import { useState, type FormEvent, type ReactNode } from 'react';
import { useAnswer } from './asking.js';
import { asInstant } from './browser-clock.js';
import { questions, type LiveView } from './client.js';
import { Answer, Facts, Hash, When } from './parts.js';
import { links } from './routes.js';

type Asked = Readonly<{ position?: string; time?: string }>;

const VIA: Readonly<Record<string, string>> = {
  anchor: 'as the base, before any verdict',
  promotion: 'by the verdict that accepted it',
  rollback: 'by a rollback',
};

const Live = ({ live }: Readonly<{ live: LiveView }>): ReactNode => {
  if (!live.live) return <p>{live.sentence}</p>;
  return (
    <Facts
      of={[
        ['As of', live.time === null ? `position ${live.asOf} of the log` : <When key="a" at={live.time} />],
        ['Model', <Hash key="h" of={live.checkpoint ?? ''} />],
        ['Live since', <When key="w" at={live.since ?? ''} />],
        [
          'It became live',
          <>
            {VIA[live.via ?? ''] ?? live.via}
            {live.position !== null && (
              <>
                , <a href={links.record(live.position)}>record {live.position}</a>
              </>
            )}
            {live.reason !== null && `: ${live.reason}`}
          </>,
        ],
        [
          'Accepted in',
          live.cycle === null ? (
            'no cycle: it is the base'
          ) : (
            <a href={links.cycle(live.run, live.cycle)}>cycle {live.cycle}</a>
          ),
        ],
      ]}
    />
  );
};

/** Which weights were live at a moment or a position of the log. */
export const RunLiveAt = ({ run, version }: Readonly<{ run: string; version: number }>): ReactNode => {
  const [asked, setAsked] = useState<Asked>({});
  const [by, setBy] = useState<'time' | 'position'>('time');
  const [text, setText] = useState('');
  const now = asked.position === undefined && asked.time === undefined;
  const answer = useAnswer(questions.liveAt(run, asked), now ? version : 0);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const instant = by === 'time' ? asInstant(text) : undefined;
    setAsked(
      text === '' ? {} : by === 'position' ? { position: text } : instant === undefined ? {} : { time: instant },
    );
  };
  return (
    <>
      <form className="field" onSubmit={submit}>
        <label htmlFor="live-by">Live at a</label>
        <select
          id="live-by"
          value={by}
          onChange={({ target }) => {
            setBy(target.value === 'position' ? 'position' : 'time');
            setText('');
          }}
        >
          <option value="time">time</option>
          <option value="position">position of the log</option>
        </select>
        <input
          aria-label={by === 'time' ? 'Time, in your own time zone' : 'Position'}
          type={by === 'time' ? 'datetime-local' : 'number'}
          min={by === 'time' ? undefined : 0}
          step="1"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="submit">{text === '' ? 'Now' : 'Look'}</button>
      </form>
      <div aria-live="polite" className="room-5">
        <Answer asked={answer} what="what was live" lines={5}>
          {(live) => <Live live={live} />}
        </Answer>
      </div>
    </>
  );
};
