import { reportedCurve, worsePercent, type Reported } from '#run/domain/run-facts.js';
import type { Started } from '#run/domain/run.js';
import { bar, bits, share, signed } from './format.js';
import type { Screen } from './screen.js';
import type { TableRows } from './table.js';

const BAR = 10;

/** The look at the report suite as a table with bars: what was proposed, and beside it what the gate let through. */
export const curveTable = (curve: readonly Reported[]): TableRows => {
  const anchor = curve[0];
  if (!anchor) return { head: ['cycle'], rows: [] };
  const gain = (capability: number): number => (capability - anchor.capability) * 100;
  const largest = Math.max(0.1, ...curve.map(({ capability }) => gain(capability)));
  const percent = (value: number): string => `${signed(worsePercent(value, anchor.generalBitsPerByte), 1)}%`;
  const rows = curve.map(({ cycle, outcome, capability, generalBitsPerByte, champion }) => [
    cycle === 0 ? 'anchor' : String(cycle),
    cycle === 0 ? '' : outcome,
    share(capability),
    cycle === 0 ? '' : signed(gain(capability), 1),
    bar(gain(capability) / largest, BAR),
    share(champion.capability),
    bits(generalBitsPerByte),
    cycle === 0 ? '' : percent(generalBitsPerByte),
    cycle === 0 ? '' : percent(champion.generalBitsPerByte),
  ]);
  return {
    head: ['cycle', 'verdict', 'skill', 'gain', '', 'live', 'bits/B', 'text', 'live text'],
    rows,
    right: [2, 3, 5, 6, 7, 8],
  };
};

export const sayCurve = (screen: Screen, run: Started): void => {
  const curve = reportedCurve(run);
  if (curve.length === 0) return;
  screen.title('The report suite, opened once at the end');
  screen.table(curveTable(curve));
  const legend =
    "skill: capability of that cycle's candidate; gain: in points over the anchor; bits/B: bits per byte of general text, text: the same in percent over the anchor, where less is better; live, live text: those of the champion after that cycle. One seed: a description, no evidence.";
  screen.say('');
  screen.paragraph(legend);
};
