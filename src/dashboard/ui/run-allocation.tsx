import * as Plot from '@observablehq/plot';
import { useMemo, type ReactNode } from 'react';
import { Chart, Figure, Legend } from './chart.js';
import type { AllocationView } from './client.js';
import { figure, percent } from './figures.js';
import { DataTable, Empty } from './parts.js';

const PPM = 1_000_000;
/** Colours that are told apart in both themes; domains beyond them begin anew. */
const HUES = 8;

const domainsOf = (allocation: readonly AllocationView[]): readonly string[] => [
  ...new Set(allocation.map(({ domain }) => domain)),
];
const hueOf = (domains: readonly string[], domain: string): number => domains.indexOf(domain) % HUES;

const AllocationPlot = ({ allocation }: Readonly<{ allocation: readonly AllocationView[] }>): ReactNode => {
  const draw = useMemo(() => {
    const domains = domainsOf(allocation);
    return (width: number): Plot.PlotOptions => ({
      marginLeft: 52,
      marginTop: 26,
      marginBottom: 38,
      x: { label: 'cycle →', type: 'band', padding: width < 420 ? 0.1 : 0.25 },
      y: { label: '↑ share of the tasks', tickFormat: (d: number) => `${Math.round(d * 100)}%`, grid: true, ticks: 5 },
      marks: domains.map((domain) =>
        Plot.barY(stacked(allocation, domains, domain), {
          x: 'cycle',
          y1: 'from',
          y2: 'to',
          fill: `var(--hue-${hueOf(domains, domain)})`,
          stroke: 'var(--card)',
          strokeWidth: 1,
        }),
      ),
    });
  }, [allocation]);
  return <Chart draw={draw} height={240} label="Share of each domain by cycle; the numbers are in the table below" />;
};

type Bar = Readonly<{ cycle: number; from: number; to: number }>;

/** Where one domain's bar stands above those before it, in every cycle. */
const stacked = (allocation: readonly AllocationView[], domains: readonly string[], domain: string): readonly Bar[] =>
  allocation
    .filter((each) => each.domain === domain)
    .map(({ cycle, ppm }) => {
      const below = allocation
        .filter((each) => each.cycle === cycle && domains.indexOf(each.domain) < domains.indexOf(domain))
        .reduce((sum, each) => sum + each.ppm, 0);
      return { cycle, from: below / PPM, to: (below + ppm) / PPM };
    });

/** What each update learnt from. */
export const RunAllocation = ({ allocation }: Readonly<{ allocation: readonly AllocationView[] }>): ReactNode => {
  if (allocation.length === 0) return <Empty>No update has been proposed yet.</Empty>;
  const domains = domainsOf(allocation);
  return (
    <Figure
      caption="Share of each domain in what an update learns from."
      chart={
        <>
          <Legend keys={domains.map((domain) => ({ name: domain, mark: `hue-${hueOf(domains, domain)}` }))} />
          <AllocationPlot allocation={allocation} />
        </>
      }
    >
      <DataTable
        caption="Allocation by cycle and domain"
        rows={allocation}
        keyOf={({ cycle, domain }) => `${cycle} ${domain}`}
        columns={[
          { head: 'Cycle', heads: true, cell: ({ cycle }) => cycle },
          { head: 'Domain', cell: ({ domain }) => domain },
          { head: 'Share', right: true, cell: ({ ppm }) => percent(ppm / PPM) },
          { head: 'Score', right: true, cell: ({ score }) => figure(score) },
          { head: 'Policy', cell: ({ policy }) => policy },
        ]}
      />
    </Figure>
  );
};
