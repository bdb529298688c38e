import type { ReactNode } from 'react';
import { useAnswer } from './asking.js';
import { questions, type CycleView, type RunView, type VerdictView } from './client.js';
import { CycleCalibration } from './cycle-calibration.js';
import { CycleEvaluators } from './cycle-evaluators.js';
import { EvidenceLinks, Rules, RulesTable } from './cycle-rules.js';
import { CycleStory } from './cycle-story.js';
import { figure, plural } from './figures.js';
import { useVersion } from './live-feed.js';
import { Answer, Badge, Hash, Section, When } from './parts.js';
import { RejudgePanel } from './rejudge-panel.js';
import { links } from './routes.js';
import { outcomeSaid } from './words.js';

/** "11 rules passed, 1 failed and 1 is undecided". */
const countOf = ({ rules }: VerdictView): string => {
  const of = (outcome: string): number => rules.filter((rule) => rule.outcome === outcome).length;
  const [passed, failed, open] = [of('pass'), of('fail'), of('undecided')];
  const parts = [`${plural(passed, 'rule')} passed`, `${failed} failed`, `${open} undecided`];
  return `${parts.join(', ')}.`;
};

const Recomputed = ({ verdict }: Readonly<{ verdict: VerdictView }>): ReactNode => {
  const { agrees, differences, notRecomputed } = verdict;
  if (agrees === null)
    return <p>The service did not judge it again just now{notRecomputed === null ? '' : `: ${notRecomputed}`}.</p>;
  if (agrees)
    return (
      <p>
        <Badge said={{ text: 'Same verdict', sign: '✓', tone: 'good', means: 'judged again just now' }} /> The service
        judged the recorded evidence again when you opened this page, and everything came out the same.
      </p>
    );
  return (
    <div className="failed" role="alert">
      <p>The service judged the recorded evidence again just now, and it came out otherwise:</p>
      <ul>
        {differences.map(({ what, recorded, recomputed }) => (
          <li key={what}>
            {what}: recorded <code>{recorded}</code>, recomputed <code>{recomputed}</code>
          </li>
        ))}
      </ul>
    </div>
  );
};

const Verdict = ({ verdict, run }: Readonly<{ verdict: VerdictView; run: RunView | undefined }>): ReactNode => (
  <>
    <Section
      id="rules"
      title="Rule by rule"
      says={`${countOf(verdict)} All must pass: one failure rejects the candidate, and while one is undecided nothing changes.`}
    >
      <RulesTable rules={verdict.rules} />
      <Rules rules={verdict.rules} />
    </Section>
    <Section
      id="alpha"
      title="What the verdict cost"
      says="Whatever the outcome, a verdict uses up its share of alpha: the chance, agreed on beforehand, of ever accepting by mistake."
    >
      <p>
        Candidate number {verdict.lineageIndex} on its lineage spent {figure(verdict.alphaSpent)};{' '}
        {figure(verdict.alphaLeft)} is left.
      </p>
    </Section>
    <Section
      id="again"
      title="Need you believe it?"
      says="No: a verdict follows from recorded evidence by fixed rules, so whoever has the evidence gets the same one."
    >
      <Recomputed verdict={verdict} />
      <RejudgePanel verdict={verdict} completed={run?.status === 'completed'} />
    </Section>
    <Section
      id="evidence"
      title="The evidence"
      says={`The verdict cites ${plural(verdict.evidence.length, 'record')} of the log. Their digests hang together under one root, so none can be changed unseen.`}
    >
      <details>
        <summary>All {plural(verdict.evidence.length, 'record')}</summary>
        <EvidenceLinks evidence={verdict.evidence} />
      </details>
      <p>
        The verdict itself is <a href={links.record(verdict.position)}>record {verdict.position}</a>, of{' '}
        <When at={verdict.recordedAt} />, by constitution {verdict.constitution}, version {verdict.constitutionVersion}.
      </p>
      <p className="muted small">
        Root of the evidence: <code className="whole">{verdict.evidenceRoot}</code>
      </p>
    </Section>
  </>
);

const Neighbours = ({ run, cycle }: Readonly<{ run: RunView | undefined; cycle: number }>): ReactNode => {
  if (!run) return null;
  const last = Math.max(run.cyclesClosed, run.openCycle ?? 0);
  return (
    <nav aria-label="Other cycles" className="pager">
      {cycle > 0 && <a href={links.cycle(run.run, cycle - 1)}>← {cycle === 1 ? 'Base' : `Cycle ${cycle - 1}`}</a>}
      {cycle < last && <a href={links.cycle(run.run, cycle + 1)}>Cycle {cycle + 1} →</a>}
    </nav>
  );
};

const Head = ({
  run,
  cycle,
  answer,
}: Readonly<{ run: string; cycle: number; answer: CycleView | undefined }>): ReactNode => (
  <>
    <nav aria-label="Where you are" className="trail">
      <a href={links.runs}>Runs</a> <span aria-hidden="true">›</span> <a href={links.run(run)}>{run}</a>{' '}
      <span aria-hidden="true">›</span> {cycle === 0 ? 'base' : `cycle ${cycle}`}
    </nav>
    <h1>
      {cycle === 0 ? 'Base' : `Cycle ${cycle}`} {answer && cycle > 0 && <Badge said={outcomeSaid(answer.outcome)} />}
    </h1>
  </>
);

export const CyclePage = ({ run, cycle }: Readonly<{ run: string; cycle: number }>): ReactNode => {
  const version = useVersion(`run-${run}`);
  const asked = useAnswer(questions.cycle(run, cycle), version);
  const whole = useAnswer(questions.run(run), version);
  const judged = asked.answer?.verdictPosition != null;
  const verdict = useAnswer(judged ? questions.verdict(run, cycle) : undefined);
  return (
    <>
      <Head run={run} cycle={cycle} answer={asked.answer} />
      <Answer asked={asked} what="the cycle" lines={12}>
        {(answer) => (
          <>
            <p className="lead verdict">{answer.headline ?? `${outcomeSaid(answer.outcome).means}.`}</p>
            {answer.summary !== null && <p className="summary">{answer.summary}</p>}
            {answer.update?.candidate != null && (
              <p className="muted">
                {cycle === 0 ? 'Model' : 'Candidate'} <Hash of={answer.update.candidate} />
              </p>
            )}
            <CycleStory cycle={answer} />
            <CycleEvaluators cycle={answer} />
            <CycleCalibration calibration={answer.calibration} />
          </>
        )}
      </Answer>
      {judged && (
        <Answer asked={verdict} what="the verdict" lines={20}>
          {(answer) => <Verdict verdict={answer} run={whole.answer} />}
        </Answer>
      )}
      <Neighbours run={whole.answer} cycle={cycle} />
    </>
  );
};
