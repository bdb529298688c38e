import type { ReactNode } from 'react';
import { comparedText, comparisonText, WHY } from '#distillation/domain/wording.js';
import type { DistillationView } from './client.js';
import { bits, NOTHING, percent } from './figures.js';
import { DataTable, Section, type Column } from './parts.js';
import { transferSaid } from './words.js';

type Downstream = NonNullable<DistillationView['teacher']>['downstream'];
type Row = Readonly<{ who: string; can: Downstream }>;

const exactIn = ({ can }: Row, family: string): string => {
  const found = can.families.find((one) => one.family === family);
  return found ? percent(found.exact / found.items) : NOTHING;
};

const columnsOf = (families: readonly string[]): readonly Column<Row>[] => [
  { head: 'Who', heads: true, cell: ({ who }) => who },
  ...families.map((family) => ({ head: family, right: true, cell: (row: Row) => exactIn(row, family) })),
  { head: 'All families', right: true, cell: ({ can }) => percent(can.exactMean) },
  {
    head: 'Bits per byte',
    right: true,
    cell: ({ can }) => (can.generalBitsPerByte === null ? 'not finite' : bits(can.generalBitsPerByte)),
  },
];

const rowsOf = ({ teacher, arms }: DistillationView): readonly Row[] => [
  ...(teacher ? [{ who: 'teacher', can: teacher.downstream }] : []),
  ...arms.flatMap(({ arm, transfer }) => (transfer ? [{ who: arm, can: transfer.downstream }] : [])),
];

const Comparisons = ({ of: { arm, transfer } }: Readonly<{ of: DistillationView['arms'][number] }>): ReactNode => {
  if (!transfer || transfer.against === null) return null;
  return (
    <>
      <h3>
        {arm} against {transfer.against}
      </h3>
      <ul className="comparisons">
        {transfer.comparisons.map((one) => (
          <li key={one.measure}>
            <span aria-hidden="true" className={`tone ${transferSaid(one.outcome).tone}`}>
              {transferSaid(one.outcome).sign}
            </span>
            <span>{one.why === 'undecided' ? comparedText(one) : comparisonText(one)}</span>
          </li>
        ))}
      </ul>
    </>
  );
};

/** What students can do, against the one that nobody taught. */
export const DistillationTransfer = ({ of }: Readonly<{ of: DistillationView }>): ReactNode => {
  const { teacher, arms, config, nothingToTeach, status } = of;
  const unexamined = arms.flatMap(({ arm, transfer }) => (transfer ? [] : [arm]));
  const compared = arms.flatMap(({ transfer }) => transfer?.comparisons ?? []);
  return (
    <Section
      id="transfer"
      title="Transfer: what each can do"
      says={`Share of the answers that greedy decoding gives to the last byte, on ${config.evaluation.items} items of each family that nobody learnt from, and bits per byte of ${config.evaluation.documents} documents (fewer is better).`}
    >
      {teacher ? (
        <DataTable
          caption="What each can do"
          columns={columnsOf(config.families)}
          rows={rowsOf(of)}
          keyOf={({ who }) => who}
        />
      ) : (
        <p>There is no teacher{status === 'completed' ? '' : ' yet'}, so nothing is examined.</p>
      )}
      {nothingToTeach.length > 0 && (
        <p className="told open">
          The teacher is no better than the student without one in {nothingToTeach.join(', ')}: there it has nothing to
          teach.
        </p>
      )}
      {teacher && unexamined.length > 0 && (
        <p className="says">
          Not examined{status === 'completed' ? '' : ' yet'}: {unexamined.join(', ')}.
        </p>
      )}
      {compared.some(({ why }) => why === 'undecided') && (
        <p className="says">Where it is inconclusive without another reason, {WHY.undecided}.</p>
      )}
      {arms.map((arm) => (
        <Comparisons key={arm.arm} of={arm} />
      ))}
    </Section>
  );
};
