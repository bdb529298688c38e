import type { ReactNode } from 'react';
import type { ComparisonView, UpdateView } from '#run/cycle-figures.view.js';
import type { CycleView } from './client.js';
import { bits, bitsChange, count, duration, figure, percent, plural, points } from './figures.js';
import { DataTable, Section } from './parts.js';
import { metricSaid, outcomeSaid } from './words.js';

const PPM = 1_000_000;

const Proposed = ({ cycle }: Readonly<{ cycle: CycleView }>): ReactNode => {
  const { proposal, violations } = cycle;
  if (!proposal) return null;
  const parts = proposal.weights.map(({ domain, ppm }) => `${domain} ${percent(ppm / PPM)}`).join(', ');
  return (
    <li>
      <h3>Proposed</h3>
      <p>
        {plural(proposal.steps, 'step')} of {plural(proposal.batch, 'sequence')} at learning rate{' '}
        {figure(proposal.learningRate)} ({proposal.regime} regime), from: {parts}.
      </p>
      {violations.length > 0 && (
        <ul>
          {violations.map(({ field, value, allowed }) => (
            <li key={field}>
              Refused: {field} is {value}; allowed: {allowed}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
};

const trained = (update: UpdateView): string => {
  const { steps, tokens, lossFirstNats, lossLastNats, elapsedMs, trainer, attempts, replayable } = update;
  if (update.aborted !== null) return `The training was aborted: ${update.aborted}.`;
  if (steps === null || tokens === null) return `The update is ${update.stage}.`;
  const took = elapsedMs === null ? '' : ` in ${duration(elapsedMs)}`;
  const by = trainer === null ? '' : ` by the trainer ${trainer}`;
  const again = attempts > 1 ? `, at attempt ${attempts}` : '';
  const loss =
    lossFirstNats === null || lossLastNats === null
      ? ''
      : ` The loss went from ${figure(lossFirstNats)} to ${figure(lossLastNats)} nats a byte.`;
  const same =
    replayable === false
      ? ' Nobody can train it again to the same bytes: it stands on the word of its trainer.'
      : ' Anybody can train it again to the same bytes.';
  return `${plural(steps, 'step')} over ${count(tokens)} bytes${took}${by}${again}.${loss}${same}`;
};

type Measure = Readonly<{ name: string; of: ComparisonView; write: (value: number | null) => string; gain: string }>;

const measuresOf = ({ capability, generalQuality }: CycleView): readonly Measure[] => [
  ...(capability
    ? [{ name: 'Capability (share of tasks right)', of: capability, write: percent, gain: points(capability.gain) }]
    : []),
  ...(generalQuality
    ? [
        {
          name: 'General text (bits per byte, lower is better)',
          of: generalQuality,
          write: bits,
          gain: bitsChange(generalQuality.gain),
        },
      ]
    : []),
];

const Measured = ({ cycle }: Readonly<{ cycle: CycleView }>): ReactNode => {
  const measures = measuresOf(cycle);
  if (measures.length === 0) return null;
  return (
    <li>
      <h3>Measured</h3>
      <p>
        Candidate and reference answered the same items, which were drawn only after the candidate was fixed. A gain
        above 0 is better for either measure.
      </p>
      <DataTable
        caption="Candidate and reference on the same items"
        rows={measures}
        keyOf={({ name }) => name}
        columns={[
          { head: 'Measure', heads: true, cell: ({ name }) => name },
          { head: 'Candidate', right: true, cell: ({ of, write }) => write(of.candidate) },
          {
            head: 'Reference',
            right: true,
            cell: ({ of, write }) =>
              `${write(of.reference === 'anchor' ? of.anchor : of.champion)} (${of.reference ?? 'none'})`,
          },
          { head: 'Gain', right: true, cell: ({ gain }) => gain },
        ]}
      />
    </li>
  );
};

const Drifted = ({ cycle }: Readonly<{ cycle: CycleView }>): ReactNode =>
  cycle.drift.length === 0 ? null : (
    <li>
      <h3>Drift</h3>
      <details>
        <summary>How far it moved, in {plural(cycle.drift.length, 'figure')}</summary>
        <DataTable
          caption="Drift of the candidate"
          rows={cycle.drift}
          keyOf={({ position }) => position}
          columns={[
            { head: 'Measure', heads: true, cell: ({ metric }) => metricSaid(metric)[0] },
            { head: 'Value', right: true, cell: ({ value }) => (value === null ? 'not finite' : figure(value)) },
            { head: 'Unit', cell: ({ unit }) => unit },
            { head: 'Limit', right: true, cell: ({ threshold }) => figure(threshold) },
            { head: 'Alarm', cell: ({ alarm }) => (alarm ? 'ALARM' : 'no') },
          ]}
        />
      </details>
    </li>
  );

/** What happened in a cycle before it was judged, in the order in which it happened. */
export const CycleStory = ({ cycle }: Readonly<{ cycle: CycleView }>): ReactNode => (
  <Section
    id="story"
    title="What happened"
    says={
      cycle.cycle === 0
        ? 'Before the first cycle a model is trained from nothing, or taken as it was brought.'
        : 'An update was proposed, trained and measured; then the candidate was judged.'
    }
  >
    <ol className="story">
      <Proposed cycle={cycle} />
      {cycle.update && (
        <li>
          <h3>Trained</h3>
          <p>{trained(cycle.update)}</p>
        </li>
      )}
      <Measured cycle={cycle} />
      <Drifted cycle={cycle} />
      {cycle.cycle > 0 && (
        <li>
          <h3>{cycle.verdictPosition === null ? outcomeSaid(cycle.outcome).text : 'Judged'}</h3>
          <p>
            {outcomeSaid(cycle.outcome).text}: {outcomeSaid(cycle.outcome).means}.
          </p>
        </li>
      )}
    </ol>
  </Section>
);
