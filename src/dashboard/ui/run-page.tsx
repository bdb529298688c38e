import type { ReactNode } from 'react';
import { useAnswer } from './asking.js';
import { questions, type RunView } from './client.js';
import { figure, plural } from './figures.js';
import { useVersion } from './live-feed.js';
import { Answer, Badge, Facts, Hash, Section, When } from './parts.js';
import { links } from './routes.js';
import { RunAllocation } from './run-allocation.js';
import { RunAlpha } from './run-alpha.js';
import { RunCurves } from './run-curves.js';
import { RunDrift } from './run-drift.js';
import { RunLiveAt } from './run-live-at.js';
import { RunProgress } from './run-progress.js';
import { RunTimeline, tally } from './run-timeline.js';
import { statusSaid } from './words.js';

const VIA: Readonly<Record<string, string>> = {
  anchor: 'the base, the anchor of this run',
  promotion: 'a candidate that was accepted',
  rollback: 'put back by a rollback',
};

/** The state of a run in two sentences. */
const storyOf = (run: RunView): string => {
  const { status, openCycle, cyclesClosed, cyclesPlanned, accepted, rejected, inconclusive, statusReason } = run;
  const judged = `${accepted} accepted, ${rejected} rejected, ${inconclusive} not settled`;
  if (status === 'completed') return `All ${plural(cyclesPlanned, 'cycle')} are closed: ${judged}.`;
  const judgedYet = accepted + rejected + inconclusive > 0 ? judged : 'no candidate has been judged yet';
  const where =
    openCycle === 0 ? 'The base is being trained' : `${cyclesClosed} of ${plural(cyclesPlanned, 'cycle')} are closed`;
  const halted = status === 'halted' ? ` It was halted${statusReason === null ? '' : `: ${statusReason}`}.` : '';
  return `${where}: ${judgedYet}.${halted}`;
};

const RunFacts = ({ run }: Readonly<{ run: RunView }>): ReactNode => {
  const { champion } = run;
  return (
    <Facts
      of={[
        [
          'Live model (champion)',
          champion ? (
            <>
              <Hash of={champion.checkpoint} />, {VIA[champion.via] ?? champion.via}
              {champion.cycle !== null && (
                <>
                  {' '}
                  in <a href={links.cycle(run.run, champion.cycle)}>cycle {champion.cycle}</a>
                </>
              )}
            </>
          ) : (
            'none: the base is being trained'
          ),
        ],
        ['Live since', champion ? <When key="s" at={champion.since} /> : '–'],
        ['Rules', `constitution ${run.constitution}, version ${run.constitutionVersion}`],
        ['Alpha left', run.alphaLeft === null ? 'all of it' : figure(run.alphaLeft)],
        ['It is to learn', run.targets.join(', ')],
        [
          'How much at a time',
          run.regimes.map(({ label, fromCycle }) => `${label} from cycle ${fromCycle}`).join(', '),
        ],
        ['Started', <When key="b" at={run.startedAt} />],
        [
          'Lineage',
          run.parent === null ? (
            'begins here'
          ) : (
            <>
              continues <a href={links.run(run.parent)}>{run.parent}</a>
            </>
          ),
        ],
      ]}
    />
  );
};

const Series = ({ run, version }: Readonly<{ run: string; version: number }>): ReactNode => {
  const drift = useAnswer(questions.drift(run), version);
  const allocation = useAnswer(questions.allocation(run), version);
  return (
    <>
      <Section
        id="drift"
        title="How far did it move?"
        says="Drift is how unlike a candidate is to an earlier model. Above the dashed limit it is rejected, whatever it gained."
      >
        <Answer asked={drift} what="the drift" lines={14}>
          {({ items }) => <RunDrift drift={items} />}
        </Answer>
      </Section>
      <Section
        id="allocation"
        title="What did it learn from?"
        says="Before each update a policy divides what is learnt among the domains."
      >
        <Answer asked={allocation} what="the allocation" lines={14}>
          {({ items }) => <RunAllocation allocation={items} />}
        </Answer>
      </Section>
    </>
  );
};

const Cycles = ({ run, version }: Readonly<{ run: string; version: number }>): ReactNode => {
  const cycles = useAnswer(questions.cycles(run), version);
  return (
    <>
      <Section
        id="cycles"
        title="Cycle by cycle"
        says="Each cycle proposes an update, trains it, measures the candidate on items it has never seen, and judges it. Follow a cycle to see why."
      >
        <Answer asked={cycles} what="the cycles" lines={10}>
          {({ items }) => (
            <>
              <p>{tally(items)}</p>
              <RunTimeline cycles={items} />
            </>
          )}
        </Answer>
      </Section>
      <RunCurves run={run} version={version} />
      <Series run={run} version={version} />
      <Section
        id="alpha"
        title="How much error is left to spend?"
        says="Every verdict uses up the same share of alpha, the chance of ever accepting a candidate by mistake that was agreed on beforehand. When it is spent, nothing more can be accepted."
      >
        <Answer asked={cycles} what="the balance of alpha" lines={9}>
          {({ items }) => <RunAlpha cycles={items} />}
        </Answer>
      </Section>
    </>
  );
};

export const RunPage = ({ run }: Readonly<{ run: string }>): ReactNode => {
  const version = useVersion(`run-${run}`);
  const asked = useAnswer(questions.run(run), version);
  return (
    <>
      <nav aria-label="Where you are" className="trail">
        <a href={links.runs}>Runs</a> <span aria-hidden="true">›</span> {run}
      </nav>
      <h1>
        Run {run} {asked.answer && <Badge said={statusSaid(asked.answer.status)} />}
      </h1>
      <Answer asked={asked} what="the run" lines={12}>
        {(answer) => (
          <>
            <p className="lead">{storyOf(answer)}</p>
            <RunProgress run={answer} />
            <RunFacts run={answer} />
          </>
        )}
      </Answer>
      {asked.answer && (
        <>
          <Cycles run={run} version={version} />
          <Section
            id="live"
            title="What was live when?"
            says="The model that answered at any moment, and what made it live."
          >
            <RunLiveAt run={run} version={version} />
          </Section>
          <p>
            <a href={links.log({ stream: `run-${run}` })}>Every record of this run in the log</a>
          </p>
        </>
      )}
    </>
  );
};
