import { mean, overSeeds, overUnits, type Interval } from './statistics.js';

/** What is followed over the cycles, in the metric's own unit. */
export type Metric = Readonly<{
  metric: string;
  unit: string;
  better: 'higher' | 'lower';
  /** The range it can have. */
  least: number;
  most: number;
  /** Smallest change of interest: an amount, or a share of the value at the start. */
  ofInterest: Readonly<{ absolute: number }> | Readonly<{ relative: number }>;
  /** A loss that is a collapse once it is shown: a share of the value at the start; 0: any loss. */
  collapseShare: number;
}>;

/** Accuracy, 0 to 1: one point is of interest, and less than at the start is a collapse. */
export const capability: Metric = {
  metric: 'capability',
  unit: 'accuracy',
  better: 'higher',
  least: 0,
  most: 1,
  ofInterest: { absolute: 0.01 },
  collapseShare: 0,
};

/** Bits per byte of general text: one percent is of interest, and more than five percent worse is a collapse. */
export const generalQuality: Metric = {
  metric: 'general-bits-per-byte',
  unit: 'bits/byte',
  better: 'lower',
  least: 0,
  most: 16,
  ofInterest: { relative: 0.01 },
  collapseShare: 0.05,
};

/** One measured checkpoint. `value` is null where a loss was not finite; `units` holds every document's or block's value. */
export type Point = Readonly<{ cycle: number; value: number | null; units: readonly number[] | null }>;

/** The curve of one seed; cycle 0 is the anchor. A cycle without a measurement has no point. */
export type SeedCurve = Readonly<{ run: string; points: readonly Point[] }>;

/**
 * The curves of all seeds over the cycles that every seed has, larger = better: `rows[seed][at]`, in the order of the runs'
 * names, so that the order in which they are given does not matter.
 */
export type Panel = Readonly<{
  metric: Metric;
  cycles: readonly number[];
  rows: readonly (readonly number[])[];
  units: readonly (readonly (readonly number[] | null)[])[];
  /** Cycles in which a measured loss was not finite, in any seed. */
  notFinite: readonly number[];
}>;

const usable = (point: Point | undefined): point is Point & { value: number } =>
  point !== undefined && point.value !== null && Number.isFinite(point.value);

export const oriented = ({ better }: Metric, value: number): number => (better === 'higher' ? value : 0 - value);

const byRun = (a: SeedCurve, b: SeedCurve): number => (a.run < b.run ? -1 : a.run > b.run ? 1 : 0);

export const panelOf = (metric: Metric, curves: readonly SeedCurve[]): Panel => {
  const once = new Map([...curves].sort(byRun).map((curve) => [curve.run, curve]));
  const seeds = [...once.values()].map(({ points }) => new Map(points.map((point) => [point.cycle, point])));
  const everyCycle = [...new Set(seeds.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
  const cycles = everyCycle.filter((cycle) => seeds.every((points) => usable(points.get(cycle))));
  const notFinite = everyCycle.filter((cycle) =>
    seeds.some((points) => points.has(cycle) && !usable(points.get(cycle))),
  );
  const rows = seeds.map((points) => cycles.map((cycle) => oriented(metric, points.get(cycle)?.value ?? 0)));
  const units = seeds.map((points) =>
    cycles.map((cycle) => points.get(cycle)?.units?.map((value) => oriented(metric, value)) ?? null),
  );
  return { metric, cycles, rows, units, notFinite };
};

/** The panel as it was when only its first cycles were there. */
export const prefix = (panel: Panel, length: number): Panel => ({
  ...panel,
  cycles: panel.cycles.slice(0, length),
  rows: panel.rows.map((row) => row.slice(0, length)),
  units: panel.units.map((row) => row.slice(0, length)),
  notFinite: [],
});

export const meanCurve = ({ cycles, rows }: Panel): readonly number[] =>
  cycles.map((_, at) => mean(rows.map((row) => row[at] ?? 0)));

/** What an interval speaks about: other seeds of this arm, or other items for this one seed. */
export type Over = 'seeds' | 'items';

/** Value at one place of the curve with its 95% band. */
export const bandAt = ({ rows, units }: Panel, at: number): Interval => {
  if (rows.length > 1) return overSeeds(rows.map((row) => row[at] ?? 0));
  const estimate = rows[0]?.[at] ?? 0;
  const values = units[0]?.[at];
  return values && values.length > 1 ? { ...overUnits(values), estimate } : { estimate, low: null, high: null };
};

/** Per-seed change between two places of the curve. */
export const changes = ({ rows }: Panel, from: number, to: number): readonly number[] =>
  rows.map((row) => (row[to] ?? 0) - (row[from] ?? 0));

/** The change between two places with its 95% interval: over seeds, or for one seed over the items that both were shown. */
export const changeBetween = (panel: Panel, from: number, to: number): Interval => {
  if (panel.rows.length > 1) return overSeeds(changes(panel, from, to));
  const [before, after] = [panel.units[0]?.[from], panel.units[0]?.[to]];
  const estimate = changes(panel, from, to)[0] ?? 0;
  if (!before || !after || before.length !== after.length || before.length < 2)
    return { estimate, low: null, high: null };
  return { ...overUnits(after.map((value, unit) => value - (before[unit] ?? 0))), estimate };
};

/** The smallest change of interest in the metric's unit. */
export const ofInterest = (panel: Panel): number => {
  const { ofInterest: size } = panel.metric;
  return 'absolute' in size ? size.absolute : size.relative * Math.abs(meanCurve(panel)[0] ?? 0);
};
