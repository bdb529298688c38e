import type { ReactNode } from 'react';
import type { DistillationView } from './client.js';
import { count } from './figures.js';
import { DataTable, Section, type Column } from './parts.js';

type Alignment = NonNullable<DistillationView['arms'][number]['alignment']>;

const COLUMNS: readonly Column<Alignment>[] = [
  { head: 'Arm', heads: true, cell: ({ arm }) => arm },
  { head: 'R²', right: true, cell: ({ r2 }) => r2.toFixed(3) },
  { head: 'Relative error', right: true, cell: ({ relativeError }) => relativeError.toFixed(3) },
  { head: 'Debiased CKA', right: true, cell: ({ cka }) => cka.toFixed(3) },
  { head: 'Positions held out', right: true, cell: ({ positionsHeldOut }) => count(positionsHeldOut) },
];

/** How hidden states are aligned, by itself: nothing of it says what a student can do. */
export const DistillationAlignment = ({ of: { arms, config } }: Readonly<{ of: DistillationView }>): ReactNode => {
  const measured = arms.flatMap(({ alignment }) => alignment ?? []);
  const { teacher, student } = config.layers;
  return (
    <Section
      id="alignment"
      title="Alignment: whose hidden states tell the teacher’s"
      says={`How well the states of layer ${student} of a student tell those of layer ${teacher} of its teacher, on sequences that neither learnt from. This is no sign of what a student can do: that is measured above.`}
    >
      {measured.length === 0 ? (
        <p>No hidden states are compared yet.</p>
      ) : (
        <DataTable caption="Alignment" columns={COLUMNS} rows={measured} keyOf={({ arm }) => arm} />
      )}
    </Section>
  );
};
