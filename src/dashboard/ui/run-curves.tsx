import * as Plot from '@observablehq/plot';
import { useMemo, type ReactNode } from 'react';
import type { CurvePointView, CurveView } from '#experiment/envelope.view.js';
import { useAnswer } from './asking.js';
import { Chart, Figure, Legend } from './chart.js';
import { questions, type EnvelopeView } from './client.js';
import { bits, percent } from './figures.js';
import { Answer, DataTable, Empty, Section } from './parts.js';

type Metric = Readonly<{
  metric: string;
  title: string;
  axis: string;
  says: string;
  write: (value: number | null) => string;
}>;

const METRICS: readonly Metric[] = [
  {
    metric: 'capability',
    title: 'Capability',
    axis: '↑ share of tasks right',
    says: 'Share of the target tasks that are answered right. Higher is better.',
    write: (value) => percent(value),
  },
  {
    metric: 'general-bits-per-byte',
    title: 'General quality',
    axis: '↓ bits per byte',
    says: 'Bits the model needs for a byte of text it was not trained on. Lower is better.',
    write: bits,
  },
];

const LEGEND = [
  { name: 'accepted: the model that was live after each cycle', mark: 'accepted' },
  { name: 'proposed: every candidate, let through or not', mark: 'proposed' },
  { name: '95% band', mark: 'band' },
];

type Known = CurvePointView & { readonly value: number };
const known = (curve: CurveView | undefined): readonly Known[] =>
  (curve?.points ?? []).filter((point): point is Known => point.value !== null);

const bandOf = (points: readonly Known[], colour: string): Plot.Markish =>
  Plot.ruleX(
    points.filter(({ low, high }) => low !== null && high !== null),
    { x: 'cycle', y1: 'low', y2: 'high', stroke: colour, strokeWidth: 7, strokeOpacity: 0.22 },
  );

const areaOf = (points: readonly Known[], colour: string): Plot.Markish =>
  Plot.areaY(
    points.filter(({ low, high }) => low !== null && high !== null),
    { x: 'cycle', y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.16, curve: 'step-after' },
  );

type Curves = Readonly<{ proposal: CurveView | undefined; accepted: CurveView | undefined; metric: Metric }>;

const CurvePlot = ({ proposal, accepted, metric }: Curves): ReactNode => {
  const draw = useMemo(() => {
    const [proposed, live] = [known(proposal), known(accepted)];
    const most = Math.max(1, ...proposed.concat(live).map(({ cycle }) => cycle));
    const isShare = metric.metric === 'capability';
    return (width: number): Plot.PlotOptions => ({
      marginLeft: 52,
      marginTop: 26,
      marginBottom: 38,
      x: {
        label: 'cycle (0 is the base) →',
        domain: [-0.25, most + 0.25],
        ticks: Math.min(most + 1, width < 420 ? 6 : 13),
        tickFormat: (d: number) => (Number.isInteger(d) ? String(d) : ''),
      },
      y: {
        label: metric.axis,
        grid: true,
        nice: true,
        ticks: 5,
        ...(isShare && { tickFormat: (d: number) => `${Math.round(d * 1000) / 10}%` }),
      },
      marks: [
        areaOf(live, 'var(--accepted)'),
        bandOf(proposed, 'var(--proposed)'),
        Plot.lineY(live, { x: 'cycle', y: 'value', stroke: 'var(--accepted)', strokeWidth: 2.5, curve: 'step-after' }),
        Plot.dot(proposed, {
          x: 'cycle',
          y: 'value',
          stroke: 'var(--proposed)',
          fill: 'var(--card)',
          strokeWidth: 2,
          r: 4.5,
          symbol: 'diamond',
        }),
        Plot.dot(live, { x: 'cycle', y: 'value', fill: 'var(--accepted)', r: 3.5 }),
      ],
    });
  }, [proposal, accepted, metric]);
  return <Chart draw={draw} height={260} label={`${metric.title} by cycle; the numbers are in the table below`} />;
};

type Row = Readonly<{ cycle: number; proposed: Known | undefined; live: Known | undefined }>;

const rowsOf = (proposal: CurveView | undefined, accepted: CurveView | undefined): readonly Row[] => {
  const [proposed, live] = [known(proposal), known(accepted)];
  const cycles = [...new Set([...proposed, ...live].map(({ cycle }) => cycle))].sort((a, b) => a - b);
  return cycles.map((cycle) => ({
    cycle,
    proposed: proposed.find((point) => point.cycle === cycle),
    live: live.find((point) => point.cycle === cycle),
  }));
};

const written = (point: Known | undefined, { write }: Metric): string => {
  if (!point) return '–';
  const { value, low, high } = point;
  return low === null || high === null ? write(value) : `${write(value)} (${write(low)} to ${write(high)})`;
};

const MetricCurves = ({ envelope, metric }: Readonly<{ envelope: EnvelopeView; metric: Metric }>): ReactNode => {
  const find = (name: string): CurveView | undefined =>
    envelope.curves.find((curve) => curve.curve === name && curve.metric === metric.metric);
  const [proposal, accepted] = [find('proposal'), find('accepted')];
  const rows = rowsOf(proposal, accepted);
  if (rows.length === 0) return null;
  return (
    <Figure caption={`${metric.title}. ${metric.says}`} chart={<CurvePlot {...{ proposal, accepted, metric }} />}>
      <DataTable
        caption={`${metric.title} by cycle, with 95% bands`}
        rows={rows}
        keyOf={({ cycle }) => cycle}
        columns={[
          { head: 'Cycle', heads: true, cell: ({ cycle }) => (cycle === 0 ? '0 (base)' : cycle) },
          { head: 'Proposed', right: true, cell: ({ proposed }) => written(proposed, metric) },
          { head: 'Accepted', right: true, cell: ({ live }) => written(live, metric) },
        ]}
      />
      {accepted && <p>{accepted.sentence}</p>}
    </Figure>
  );
};

const SOURCES: Readonly<Record<string, string>> = {
  report: 'All models are measured on one sealed suite that was opened once, after the last cycle.',
  gate: 'Each cycle is measured on items drawn for that cycle alone, so its neighbours saw other items; compare them with care.',
};

/** Did it help? Both curves of both metrics. */
export const RunCurves = ({ run, version }: Readonly<{ run: string; version: number }>): ReactNode => {
  const asked = useAnswer(questions.envelope(run), version);
  return (
    <Section
      id="curves"
      title="Did it help?"
      says="Two curves for each measure: what was proposed, and what the gate let become live. The gap between them is what the gate kept out."
    >
      <Answer asked={asked} what="the curves" lines={22}>
        {(envelope) =>
          envelope.curves.every(({ points }) => points.length === 0) ? (
            <Empty>Nothing is measured yet: the curves begin with the first candidate.</Empty>
          ) : (
            <>
              <p>{envelope.sentence}</p>
              <Legend keys={LEGEND} />
              <div className="pair">
                {METRICS.map((metric) => (
                  <MetricCurves key={metric.metric} envelope={envelope} metric={metric} />
                ))}
              </div>
              <p className="muted small">{SOURCES[envelope.source]}</p>
            </>
          )
        }
      </Answer>
    </Section>
  );
};
