import * as Plot from '@observablehq/plot';
import { useMemo, type ReactNode } from 'react';
import { Chart, Figure } from './chart.js';
import type { CycleView } from './client.js';
import { figure } from './figures.js';
import { DataTable, Empty } from './parts.js';

type Balance = Readonly<{ cycle: number; spent: number; left: number }>;

/** The balance after every verdict, and before the first one. */
const balancesOf = (cycles: readonly CycleView[]): readonly Balance[] => {
  const judged = cycles.flatMap(({ cycle, alphaSpent, alphaLeft }) =>
    alphaSpent === null || alphaLeft === null ? [] : [{ cycle, spent: alphaSpent, left: alphaLeft }],
  );
  const [first] = judged;
  return first ? [{ cycle: first.cycle - 1, spent: 0, left: first.left + first.spent }, ...judged] : [];
};

const AlphaPlot = ({ balances }: Readonly<{ balances: readonly Balance[] }>): ReactNode => {
  const draw = useMemo(() => {
    const last = balances.at(-1)?.cycle ?? 1;
    return (): Plot.PlotOptions => ({
      marginLeft: 60,
      marginTop: 26,
      marginBottom: 38,
      x: {
        label: 'cycle →',
        ticks: Math.min(last + 1, 10),
        tickFormat: (d: number) => (Number.isInteger(d) ? String(d) : ''),
      },
      y: { label: '↑ alpha left', grid: true, zero: true, nice: true, ticks: 5 },
      marks: [
        Plot.areaY(balances, {
          x: 'cycle',
          y: 'left',
          curve: 'step-after',
          fill: 'var(--accepted)',
          fillOpacity: 0.12,
        }),
        Plot.lineY(balances, { x: 'cycle', y: 'left', curve: 'step-after', stroke: 'var(--accepted)', strokeWidth: 2 }),
        Plot.dot(balances, { x: 'cycle', y: 'left', fill: 'var(--accepted)', r: 3.5 }),
      ],
    });
  }, [balances]);
  return <Chart draw={draw} height={200} label="Alpha left by cycle; the numbers are in the table below" />;
};

/** How much chance of error the gate may still use up. */
export const RunAlpha = ({ cycles }: Readonly<{ cycles: readonly CycleView[] }>): ReactNode => {
  const balances = useMemo(() => balancesOf(cycles), [cycles]);
  if (balances.length === 0) return <Empty>No verdict has been reached yet, so nothing was spent.</Empty>;
  return (
    <Figure caption="Alpha left after each verdict." chart={<AlphaPlot balances={balances} />}>
      <DataTable
        caption="Alpha by cycle"
        rows={balances.slice(1)}
        keyOf={({ cycle }) => cycle}
        columns={[
          { head: 'Cycle', heads: true, cell: ({ cycle }) => cycle },
          { head: 'Spent', right: true, cell: ({ spent }) => figure(spent) },
          { head: 'Left', right: true, cell: ({ left }) => figure(left) },
        ]}
      />
    </Figure>
  );
};
