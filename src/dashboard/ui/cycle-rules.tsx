import type { ReactNode } from 'react';
import type { EvidenceView, RuleView } from '#run/verdict-parts.view.js';
import { figure, plural } from './figures.js';
import { Badge, DataTable } from './parts.js';
import { links } from './routes.js';
import { difference, RuleMeasures } from './rule-measures.js';
import { boundSaid, findingSaid, kindMeans, ruleTitle, statisticSaid } from './words.js';

const measured = ({ paired, value, statistic }: RuleView): string =>
  paired
    ? difference(paired, paired.estimate)
    : value === null
      ? '–'
      : `${figure(value)} ${statisticSaid(statistic)[1]}`;

const asked = (rule: RuleView): string => {
  const { paired, bound } = rule;
  if (paired) return `above ${difference(paired, paired.theta)}`;
  return bound === null ? '–' : `${boundSaid(rule)} ${figure(bound)}`;
};

/** What decided it: what did not pass, or where all passed, what compares two models. */
const decides = (rules: readonly RuleView[]): ((rule: RuleView) => boolean) => {
  const allPassed = rules.every(({ outcome }) => outcome === 'pass');
  return ({ outcome, paired }) => (allPassed ? paired !== null : outcome !== 'pass');
};

const inTellingOrder = (rules: readonly RuleView[]): readonly RuleView[] => {
  const telling = decides(rules);
  return [...rules.filter(telling), ...rules.filter((rule) => !telling(rule))];
};

export const RulesTable = ({ rules }: Readonly<{ rules: readonly RuleView[] }>): ReactNode => (
  <DataTable
    caption="Every rule with what it measured and what it asked for"
    rows={inTellingOrder(rules)}
    keyOf={({ rule }) => rule}
    columns={[
      {
        head: 'Rule',
        heads: true,
        cell: ({ rule }) => (
          <a href={`#rule-${rule}`} onClick={jump(rule)}>
            {ruleTitle(rule)}
          </a>
        ),
      },
      { head: 'Finding', cell: ({ outcome }) => <Badge said={findingSaid(outcome)} /> },
      { head: 'Measured', right: true, cell: measured },
      { head: 'Asked for', right: true, cell: asked },
      { head: 'E-value', right: true, cell: ({ paired }) => figure(paired?.eValue) },
      { head: 'Needed', right: true, cell: ({ paired, bound }) => (paired?.eValue == null ? '–' : figure(bound)) },
      { head: 'Alpha', right: true, cell: ({ alphaSpent }) => (alphaSpent === 0 ? '–' : figure(alphaSpent)) },
    ]}
  />
);

/** The part behind the # names the place on the page, so a jump within it is made by hand. */
const jump =
  (rule: string) =>
  (event: Readonly<{ preventDefault: () => void }>): void => {
    event.preventDefault();
    const target = document.getElementById(`rule-${rule}`);
    if (target instanceof HTMLDetailsElement) target.open = true;
    target?.querySelector('summary')?.focus();
    target?.scrollIntoView({ block: 'start' });
  };

export const EvidenceLinks = ({ evidence }: Readonly<{ evidence: readonly EvidenceView[] }>): ReactNode => (
  <ul className="plain">
    {evidence.map(({ position, sentence }) => (
      <li key={position}>
        <a href={links.record(position)}>record {position}</a>: {sentence}
      </li>
    ))}
  </ul>
);

const Rule = ({ rule, open }: Readonly<{ rule: RuleView; open: boolean }>): ReactNode => (
  <details id={`rule-${rule.rule}`} className={`rule ${findingSaid(rule.outcome).tone}`} open={open}>
    <summary>
      <h4>{ruleTitle(rule.rule)}</h4>
      <Badge said={findingSaid(rule.outcome)} />
    </summary>
    <p className="finding">{rule.sentence}</p>
    <p className="muted">{kindMeans(rule.kind)}</p>
    <RuleMeasures rule={rule} />
    {rule.evidence.length > 0 && (
      <>
        <h5>It stands on {plural(rule.evidence.length, 'record')} of the log</h5>
        <EvidenceLinks evidence={rule.evidence} />
      </>
    )}
  </details>
);

/** Every rule in full, the telling ones first and open. */
export const Rules = ({ rules }: Readonly<{ rules: readonly RuleView[] }>): ReactNode => {
  const telling = decides(rules);
  const first = rules.filter(telling);
  const others = rules.filter((rule) => !telling(rule));
  return (
    <>
      {first.length > 0 && <h3 className="gap">What decided it</h3>}
      <div className="rules">
        {first.map((rule) => (
          <Rule key={rule.rule} rule={rule} open />
        ))}
      </div>
      {others.length > 0 && <h3 className="gap">The other rules, each to be opened</h3>}
      <div className="rules">
        {others.map((rule) => (
          <Rule key={rule.rule} rule={rule} open={false} />
        ))}
      </div>
    </>
  );
};
