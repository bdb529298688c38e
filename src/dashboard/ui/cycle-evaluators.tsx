import type { ReactNode } from 'react';
import type { ControlFigureView, ControlsView, VoidView } from '#run/evaluator-figures.view.js';
import type { CycleView } from './client.js';
import { causeSaid, controlSaid, modelSaid, unitSaid } from './evaluator-words.js';
import { count, figure, plural } from './figures.js';
import { Badge, DataTable, Section } from './parts.js';
import { links } from './routes.js';
import type { Said } from './words.js';

const HELD: Said = { text: 'Held', sign: '✓', tone: 'good', means: 'what was expected was seen' };
const BROKEN: Said = { text: 'Failed', sign: '✕', tone: 'bad', means: 'a sound evaluator does not give this' };

const expectedOf = ({ relation, expected, statistic }: ControlFigureView): string =>
  `${relation === 'exactly' ? '' : 'at most '}${figure(expected)} ${unitSaid(statistic)}`;

const seenOf = ({ seen }: ControlFigureView): string => (seen === null ? 'nothing finite' : figure(seen));

const keyOf = ({ control, model, statistic }: ControlFigureView): string => `${control} ${model} ${statistic}`;

const ControlsTable = ({ figures }: Readonly<{ figures: readonly ControlFigureView[] }>): ReactNode => (
  <DataTable
    caption="Every control with what was expected and what was seen"
    rows={[...figures.filter(({ held }) => !held), ...figures.filter(({ held }) => held)]}
    keyOf={keyOf}
    columns={[
      {
        head: 'Control',
        heads: true,
        cell: ({ control }) => <span title={`${control} control`}>{controlSaid(control)[0]}</span>,
      },
      { head: 'How', cell: ({ control }) => <span className="muted small">{controlSaid(control)[1]}</span> },
      { head: 'Model', cell: ({ model }) => modelSaid(model) },
      { head: 'Expected', right: true, cell: expectedOf },
      { head: 'Seen', right: true, cell: seenOf },
      { head: 'Outcome', cell: ({ held }) => <Badge said={held ? HELD : BROKEN} /> },
    ]}
  />
);

const Controls = ({ controls }: Readonly<{ controls: ControlsView }>): ReactNode => {
  const { evaluator, held, checked, failed, figures, position } = controls;
  const sound = failed.length === 0;
  return (
    <>
      <p>
        <Badge said={sound ? HELD : BROKEN} /> The evaluator {evaluator} passed{' '}
        {sound ? `all ${plural(checked, 'control')}` : `${held} of ${plural(checked, 'control')}`} (
        <a href={links.record(position)}>record {position}</a>).
      </p>
      {!sound && (
        <ul>
          {failed.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
      <details open={!sound}>
        <summary>Every control, with what was expected and what was seen</summary>
        <ControlsTable figures={figures} />
      </details>
    </>
  );
};

const Void = ({ voided }: Readonly<{ voided: VoidView }>): ReactNode => (
  <div className="failed" role="alert">
    <p>
      This evaluation is void, since the evaluator {voided.evaluator} cannot be relied on: {causeSaid(voided.cause)}.
      Nothing of it is scored, and the candidate is rejected for want of evidence.
    </p>
    <p>
      {voided.reason} (<a href={links.record(voided.position)}>record {voided.position}</a>)
    </p>
  </div>
);

const Comparison = ({ of, which }: Readonly<{ of: CycleView['shadow']; which: string }>): ReactNode => {
  if (!of) return null;
  const said: Said = of.agreed
    ? { text: 'Agree', sign: '✓', tone: 'good', means: 'within the tolerance declared beforehand' }
    : { text: 'Disagree', sign: '✕', tone: 'bad', means: 'further apart than the tolerance declared beforehand' };
  return (
    <p>
      <Badge said={said} /> {which} evaluator ({of.evaluators[1]}), which shares no code with the others, scored{' '}
      {count(of.items)} of the items again{of.agreed ? ' and came to the same.' : `: ${of.reasons.join('; ')}.`}
    </p>
  );
};

/** Whether those who measured can be believed. Runs from before there were controls have none. */
export const CycleEvaluators = ({ cycle }: Readonly<{ cycle: CycleView }>): ReactNode => {
  const { controls, voids, shadow, reference } = cycle;
  if (!controls && !shadow && voids.length === 0) return null;
  return (
    <Section
      id="evaluators"
      title="Did the evaluators work?"
      says="An evaluator is the program that scores a model. Before its figures count, it is given items whose right result is known beforehand, and other programs score a share of the items again."
    >
      {voids.map((voided) => (
        <Void key={voided.position} voided={voided} />
      ))}
      {controls && <Controls controls={controls} />}
      <Comparison of={shadow} which="A second" />
      <Comparison of={reference} which="A third" />
    </Section>
  );
};
