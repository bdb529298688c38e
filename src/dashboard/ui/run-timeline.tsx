import type { ReactNode } from 'react';
import type { CycleView } from './client.js';
import { bitsChange, figure, plural, points } from './figures.js';
import { Badge } from './parts.js';
import { links } from './routes.js';
import { outcomeSaid } from './words.js';

const sentenceOf = (cycle: CycleView): string => {
  const { outcome, headline, violations, update } = cycle;
  if (headline !== null) return headline;
  if (violations.length > 0)
    return violations.map(({ field, value, allowed }) => `${field} was ${value}; allowed: ${allowed}`).join('. ');
  if (update?.aborted) return update.aborted;
  if (outcome === 'BASE')
    return update?.stage === 'produced'
      ? 'The first model was trained. It is the anchor that later ones are held against.'
      : 'The first model is being trained.';
  if (outcome === 'OPEN')
    return `The candidate is ${update?.stage === 'produced' ? 'being measured' : 'being trained'}.`;
  return outcomeSaid(outcome).means;
};

const figuresOf = ({ capability, generalQuality, update, proposal }: CycleView): readonly string[] => [
  ...(proposal ? [`${proposal.regime} regime`] : []),
  ...(capability?.gain != null ? [`capability ${points(capability.gain)}`] : []),
  ...(generalQuality?.gain != null ? [`general text ${bitsChange(generalQuality.gain)}`] : []),
  ...(update?.steps != null ? [plural(update.steps, 'step')] : []),
  ...(update?.lossLastNats != null && update.lossFirstNats !== null
    ? [`loss ${figure(update.lossFirstNats)} → ${figure(update.lossLastNats)}`]
    : []),
  ...(update && update.attempts > 1 ? [`${update.attempts} attempts`] : []),
  ...(update?.replayable === false ? ['not bit-replayable'] : []),
];

/** Every cycle in its order, with the verdict in a sentence. */
export const RunTimeline = ({ cycles }: Readonly<{ cycles: readonly CycleView[] }>): ReactNode => (
  <ol className="timeline">
    {cycles.map((cycle) => {
      const said = outcomeSaid(cycle.outcome);
      return (
        <li key={cycle.cycle} className={said.tone}>
          <h3>
            <a href={links.cycle(cycle.run, cycle.cycle)}>{cycle.cycle === 0 ? 'Base' : `Cycle ${cycle.cycle}`}</a>{' '}
            {cycle.cycle > 0 && <Badge said={said} />}
          </h3>
          <p>{sentenceOf(cycle)}</p>
          <p className="muted small">{figuresOf(cycle).join(' · ')}</p>
        </li>
      );
    })}
  </ol>
);

/** How many became what, in a sentence. */
export const tally = (cycles: readonly CycleView[]): string => {
  const counted = new Map<string, number>();
  for (const { outcome, cycle } of cycles) if (cycle > 0) counted.set(outcome, (counted.get(outcome) ?? 0) + 1);
  const parts = [...counted].map(([outcome, times]) => `${times} ${outcomeSaid(outcome).text.toLowerCase()}`);
  return parts.length === 0 ? 'No candidate yet.' : `${parts.join(', ')}.`;
};
