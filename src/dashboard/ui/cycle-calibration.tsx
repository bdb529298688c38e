import type { ReactNode } from 'react';
import type { CalibrationFiguresView, CalibrationView } from '#run/evaluator-figures.view.js';
import { figure, NOTHING, percent, plural } from './figures.js';
import { DataTable, Section } from './parts.js';
import { links } from './routes.js';

/** Null where it is not finite; undefined where it was not measured. */
type Value = number | null | undefined;
type Measure = Readonly<{
  name: string;
  means: string;
  of: keyof CalibrationFiguresView;
  write: (value: number) => string;
}>;

const MEASURES: readonly Measure[] = [
  {
    name: 'Brier score',
    means: 'how far its probabilities are from the right byte, 0 to 2; lower is better',
    of: 'brier',
    write: figure,
  },
  {
    name: 'Calibration error (ECE)',
    means: 'how far its confidence is from how often it is right, on average; lower is better',
    of: 'ece',
    write: (value) => percent(value),
  },
  {
    name: 'Wrong among the surest (AURC)',
    means: 'share of wrong answers among its surest ones, averaged over how many one takes; lower is better',
    of: 'aurc',
    write: (value) => percent(value),
  },
  {
    name: 'Held by its 90% sets',
    means: 'share of the right bytes within the sets that should hold nine in ten',
    of: 'coverage',
    write: (value) => percent(value),
  },
  {
    name: 'Bytes in such a set',
    means: 'of 256; fewer is more certain',
    of: 'setSizeMean',
    write: (value) => value.toFixed(1),
  },
];

const written = (value: Value, write: (value: number) => string): string =>
  value === undefined ? NOTHING : value === null ? 'not finite' : write(value);

const valueOf = (figures: CalibrationFiguresView | null, { of, write }: Measure): string =>
  written(figures?.[of] as Value, write);

/** "Its 90% sets hold 90.3% of the right bytes": whether its doubt can be relied on. */
const sentenceOf = ({ candidate, anchor }: CalibrationView): string => {
  if (!candidate) return 'The candidate was not measured yet.';
  const { coverage, setSizeMean, brier } = candidate;
  const held =
    coverage === null || setSizeMean === null
      ? 'Its figures are not finite.'
      : `The candidate names ${setSizeMean.toFixed(1)} of 256 possible bytes, on average, to be right in nine cases of ten, and is right in ${percent(coverage)}.`;
  if (brier === null || anchor === null || anchor.brier === null) return held;
  const than =
    brier < anchor.brier
      ? 'closer to the truth than'
      : brier > anchor.brier
        ? 'further from the truth than'
        : 'as close to the truth as';
  return `${held} By its Brier score its probabilities are ${than} those of the anchor, the first model.`;
};

/** How sure the candidate is, and how rightly, beside the anchor. Runs from before that have none. */
export const CycleCalibration = ({ calibration }: Readonly<{ calibration: CalibrationView | null }>): ReactNode => {
  const measured = calibration?.candidate ?? calibration?.anchor;
  if (!calibration || !measured) return null;
  const { candidate, anchor } = calibration;
  const records = [candidate, anchor].flatMap((each) => (each ? [each.position] : []));
  return (
    <Section
      id="calibration"
      title="Does it know what it does not know?"
      says="A model says with every answer how sure it is. It is well calibrated when it is right as often as it says."
    >
      <p>{sentenceOf(calibration)}</p>
      <DataTable
        caption="How sure candidate and anchor are, and how rightly"
        rows={MEASURES}
        keyOf={({ name }) => name}
        columns={[
          { head: 'Measure', heads: true, cell: ({ name }) => name },
          { head: 'What it is', cell: ({ means }) => <span className="muted small">{means}</span> },
          { head: 'Candidate', right: true, cell: (measure) => valueOf(candidate, measure) },
          { head: 'Anchor', right: true, cell: (measure) => valueOf(anchor, measure) },
        ]}
      />
      <p className="muted small">
        Both on the same {plural(measured.documents, 'document')} of general text:{' '}
        {records.map((position, at) => (
          <span key={position}>
            {at > 0 && ' and '}
            <a href={links.record(position)}>record {position}</a>
          </span>
        ))}
        .
      </p>
    </Section>
  );
};
