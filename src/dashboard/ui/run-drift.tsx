import * as Plot from '@observablehq/plot';
import { useMemo, type ReactNode } from 'react';
import { Chart, Figure } from './chart.js';
import type { DriftView } from './client.js';
import { figure } from './figures.js';
import { DataTable, Empty } from './parts.js';
import { metricSaid } from './words.js';

/** What a newcomer needs first; the rest is in the tables of each cycle. */
const FIRST = ['kl-to-champion', 'weight-distance-to-champion', 'kl-to-anchor', 'weight-distance-to-anchor'];

type Series = Readonly<{ metric: string; points: readonly DriftView[] }>;

const DriftPlot = ({ metric, points }: Series): ReactNode => {
  const draw = useMemo(() => {
    const limits = points.flatMap(({ threshold }) => threshold ?? []).slice(0, 1);
    const last = Math.max(...points.map(({ cycle }) => cycle));
    return (): Plot.PlotOptions => ({
      marginLeft: 52,
      marginTop: 26,
      marginBottom: 38,
      x: {
        label: 'cycle →',
        domain: [0.75, last + 0.25],
        ticks: Math.min(last, 8),
        tickFormat: (d: number) => (Number.isInteger(d) ? String(d) : ''),
      },
      y: { label: `↑ ${points[0]?.unit ?? ''}`, grid: true, zero: true, nice: true, ticks: 4 },
      marks: [
        Plot.ruleY(limits, { stroke: 'var(--bad)', strokeDasharray: '5 4' }),
        Plot.lineY(points, { x: 'cycle', y: 'value', stroke: 'var(--ink)', strokeWidth: 1.5 }),
        Plot.dot(
          points.filter(({ alarm }) => !alarm),
          { x: 'cycle', y: 'value', fill: 'var(--ink)', r: 3.5 },
        ),
        Plot.dot(
          points.filter(({ alarm }) => alarm),
          { x: 'cycle', y: 'value', stroke: 'var(--bad)', symbol: 'times', strokeWidth: 2.5, r: 5 },
        ),
        // Last and with a rim, so that no line strikes it through.
        Plot.text(limits, {
          y: (limit: number) => limit,
          text: (limit: number) => `limit ${figure(limit)}`,
          frameAnchor: 'right',
          dy: -8,
          fill: 'var(--bad)',
          stroke: 'var(--card)',
          strokeWidth: 5,
        }),
      ],
    });
  }, [points]);
  return (
    <Chart draw={draw} height={200} label={`${metricSaid(metric)[0]} by cycle; the numbers are in the table below`} />
  );
};

const DriftFigure = ({ metric, points }: Series): ReactNode => {
  const [name, means] = metricSaid(metric);
  return (
    <Figure caption={`Drift of the ${name}: ${means}.`} chart={<DriftPlot metric={metric} points={points} />}>
      <DataTable
        caption={`Drift of the ${name} by cycle`}
        rows={points}
        keyOf={({ position }) => position}
        columns={[
          { head: 'Cycle', heads: true, cell: ({ cycle }) => cycle },
          {
            head: `Value (${points[0]?.unit ?? ''})`,
            right: true,
            cell: ({ value }) => (value === null ? 'not finite' : figure(value)),
          },
          { head: 'Limit', right: true, cell: ({ threshold }) => figure(threshold) },
          { head: 'Alarm', cell: ({ alarm }) => (alarm ? 'ALARM' : 'no') },
        ]}
      />
    </Figure>
  );
};

/** How far the candidates moved, one small plot for each measure. */
export const RunDrift = ({ drift }: Readonly<{ drift: readonly DriftView[] }>): ReactNode => {
  const shown = FIRST.map((metric) => ({ metric, points: drift.filter((each) => each.metric === metric) })).filter(
    ({ points }) => points.length > 0,
  );
  if (shown.length === 0) return <Empty>No candidate has been measured yet.</Empty>;
  return (
    <div className="pair">
      {shown.map((series) => (
        <DriftFigure key={series.metric} {...series} />
      ))}
    </div>
  );
};
