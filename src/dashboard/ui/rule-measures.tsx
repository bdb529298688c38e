import * as Plot from '@observablehq/plot';
import { useMemo, type ReactNode } from 'react';
import type { PairedView, RuleView } from '#run/verdict-parts.view.js';
import { Chart } from './chart.js';
import { figure, NOTHING } from './figures.js';
import { Facts } from './parts.js';
import { boundSaid, statisticSaid } from './words.js';

const isShare = ({ measure }: PairedView): boolean => measure === 'accuracy';

const signed = (paired: PairedView, value: number): string => {
  const size = Math.abs(value);
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${isShare(paired) ? (size * 100).toFixed(2) : size.toFixed(4)}`;
};
const unitOf = (paired: PairedView): string =>
  isShare(paired) ? 'points' : paired.measure === 'brier' ? 'of Brier score' : 'bits per byte';

/** A difference in the unit that a reader knows: points of a hundred, bits per byte, or Brier score. */
export const difference = (paired: PairedView, value: number | null): string =>
  value === null ? NOTHING : `${signed(paired, value)} ${unitOf(paired)}`;

const interval = (paired: PairedView): string => {
  const { low95, high95 } = paired;
  if (low95 === null || high95 === null) return NOTHING;
  return `${signed(paired, low95)} to ${signed(paired, high95)} ${unitOf(paired)}`;
};

const unitsName = (paired: PairedView): string => (isShare(paired) ? 'blocks of tasks' : 'documents');

/** Where the measured difference lies, beside what the rule asks for. */
const DifferencePlot = ({ paired }: Readonly<{ paired: PairedView }>): ReactNode => {
  const { estimate, low95, high95, theta } = paired;
  const draw = useMemo(() => {
    const scale = isShare(paired) ? 100 : 1;
    const known = [estimate, low95, high95, theta, 0].flatMap((value) => (value === null ? [] : value * scale));
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const room = (most - least || 1) * 0.12;
    const bar = low95 === null || high95 === null ? [] : [{ low: low95 * scale, high: high95 * scale }];
    const mean = estimate === null ? [] : [{ at: estimate * scale }];
    return (): Plot.PlotOptions => ({
      marginLeft: 16,
      marginRight: 16,
      marginTop: 10,
      marginBottom: 36,
      x: {
        domain: [least - room, most + room],
        label: `${unitOf(paired)}, better →`,
        ticks: 5,
      },
      y: { axis: null, domain: [-1, 1] },
      marks: [
        Plot.rectX([{ from: theta * scale, to: most + room }], {
          x1: 'from',
          x2: 'to',
          y1: -1,
          y2: 1,
          fill: 'var(--good)',
          fillOpacity: 0.08,
        }),
        Plot.ruleX([0], { stroke: 'var(--muted)' }),
        Plot.ruleX([theta * scale], { stroke: 'var(--bad)', strokeDasharray: '5 4', strokeWidth: 2 }),
        Plot.ruleY(bar, { y: () => 0, x1: 'low', x2: 'high', stroke: 'var(--ink)', strokeWidth: 3 }),
        Plot.dot(mean, { x: 'at', y: () => 0, fill: 'var(--ink)', r: 6 }),
      ],
    });
  }, [paired, estimate, low95, high95, theta]);
  const label = `The mean difference is ${difference(paired, estimate)}; it must be shown to be above ${difference(paired, theta)}.`;
  return <Chart draw={draw} height={96} label={label} />;
};

/** How far a value above zero stands on the way to its bound, by powers of ten, so that 1 and 240 both have room. */
const shareOfWay = (value: number, bound: number): number => {
  const [least, most] = [0.01, bound * 10];
  const held = Math.min(most, Math.max(least, value));
  return (Math.log10(held) - Math.log10(least)) / (Math.log10(most) - Math.log10(least));
};

const EvidenceBar = ({ value, bound }: Readonly<{ value: number; bound: number }>): ReactNode => {
  const at = (share: number): string => `${(share * 100).toFixed(1)}%`;
  return (
    <div className="evidence" aria-hidden="true">
      <div className="way">
        <div className={value >= bound ? 'gone enough' : 'gone'} style={{ width: at(shareOfWay(value, bound)) }} />
        <div className="tick" style={{ left: at(shareOfWay(1, bound)) }} />
        <div className="tick needed" style={{ left: at(shareOfWay(bound, bound)) }} />
      </div>
      <div className="scale">
        <span style={{ left: at(shareOfWay(1, bound)) }}>1: none</span>
        <span style={{ left: at(shareOfWay(bound, bound)) }}>{figure(bound)}: enough</span>
      </div>
    </div>
  );
};

const evidenceSaid = (rule: RuleView): string => {
  const { value, bound } = rule;
  if (value === null || bound === null) return '';
  return value >= bound
    ? `That is enough: if the claim were false, so much evidence would turn up at most once in ${figure(bound)} times.`
    : `That is not enough: it takes ${figure(bound)} to be sure that at most one in ${figure(bound)} false claims gets through.`;
};

const PairedMeasures = ({ rule, paired }: Readonly<{ rule: RuleView; paired: PairedView }>): ReactNode => {
  const tested = paired.eValue !== null;
  return (
    <>
      <p className="muted small">
        Dot: mean difference over all {unitsName(paired)}. Bar: its 95% interval. Solid line: no difference. Dashed
        line: what must be exceeded; the shaded side is where the rule wants it.
      </p>
      <DifferencePlot paired={paired} />
      {tested && rule.value !== null && rule.bound !== null && (
        <>
          <p>
            Evidence for the claim (e-value): <strong>{figure(rule.value)}</strong>, needed: {figure(rule.bound)}.{' '}
            {evidenceSaid(rule)}
          </p>
          <EvidenceBar value={rule.value} bound={rule.bound} />
        </>
      )}
      <Facts
        of={[
          ['Mean difference', difference(paired, paired.estimate)],
          ['95% interval', interval(paired)],
          ['Must be above', difference(paired, paired.theta)],
          ['Compared with', `the ${paired.reference}, mean ${figure(paired.referenceMean)}`],
          ...(tested
            ? ([
                ['Evidence for (e-value)', figure(paired.eValue)],
                ['Evidence against', figure(paired.mirroredEValue)],
                ['Needed', figure(rule.bound)],
                ['Read until decided', `${paired.unitsRead} of ${paired.units} ${unitsName(paired)}`],
              ] as const)
            : ([['Compared', `${paired.units} ${unitsName(paired)}`]] as const)),
          [
            'Worst single one',
            paired.worstUnit === null
              ? '–'
              : `number ${paired.worstUnit + 1}: ${difference(paired, paired.worstDifference)}`,
          ],
          ['Alpha spent', figure(rule.alphaSpent)],
        ]}
      />
    </>
  );
};

/** What a rule read, what it was held against, and how far the two are apart. */
export const RuleMeasures = ({ rule }: Readonly<{ rule: RuleView }>): ReactNode => {
  const { paired, statistic, value, bound } = rule;
  if (paired) return <PairedMeasures rule={rule} paired={paired} />;
  if (value === null || bound === null) return null;
  const [what, unit] = statisticSaid(statistic);
  return (
    <Facts
      of={[
        ['Measured', `${figure(value)} ${unit}`.trim()],
        ['Allowed', `${boundSaid(rule)} ${figure(bound)} ${unit}`.trim()],
        ['What it is', what],
      ]}
    />
  );
};
