import type { Started } from '#run/domain/run.js';
import { scoutedUpTo } from './competence.js';
import { outcomeOf } from './experience.js';
import { QUANTITIES, type Expected, type Forecast, type Quantity } from './forecast.js';
import { forecastBy, novice, taught } from './predictive.js';
import { brier, crps, logScore } from './scores.js';

/** A forecast of a quantity beside climatology (what the run's own past says of it), and what came; null: not known (yet). */
export type Held = Readonly<{ forecast: Expected; climatology: Expected; came: number | null }>;
export type HeldAcceptance = Readonly<{ forecast: number; climatology: number; came: boolean | null }>;
export type HeldCycle = Readonly<{
  cycle: number;
  quantities: Readonly<Record<Quantity, Held>>;
  acceptance: HeldAcceptance;
}>;

/** Mean scores over the forecasts whose outcome is known. */
export type Score = Readonly<{
  of: Quantity | 'acceptance';
  /** crps, brier: lower is better; log: higher is. */
  score: 'crps' | 'log' | 'brier';
  count: number;
  forecast: number;
  climatology: number;
  /** By which share of climatology's score the forecast is better (log: by how many nats); null where there is none. */
  skill: number | null;
}>;

const held = (quantity: Quantity, forecast: Forecast, past: Forecast, came: number | null): Held => ({
  forecast: forecast[quantity],
  climatology: past[quantity],
  came,
});

/** Every forecast of a run, held against what came of it and against what its past alone had said. */
export const heldAgainst = (run: Started): readonly HeldCycle[] => {
  const scouted = scoutedUpTo(run, Infinity);
  let past = novice(0, 1);
  return run.cycles.flatMap((cycle) => {
    if (!cycle.proposal?.batches) return [];
    const outcome = outcomeOf(run.config, cycle, scouted);
    const climatology = forecastBy(past, [1]);
    past = taught(past, [1], outcome);
    const { forecast } = cycle.proposal;
    if (!forecast) return [];
    const of = (quantity: Quantity): Held => held(quantity, forecast, climatology, outcome[quantity]);
    return [
      {
        cycle: cycle.cycle,
        quantities: {
          skillGain: of('skillGain'),
          generalChangeBitsPerByte: of('generalChangeBitsPerByte'),
          klToChampionNatsPerByte: of('klToChampionNatsPerByte'),
        },
        acceptance: {
          forecast: forecast.acceptance,
          climatology: climatology.acceptance,
          came: outcome.acceptance,
        },
      },
    ];
  });
};

type Pair = readonly [forecast: number, climatology: number];

const scored = (of: Score['of'], score: Score['score'], pairs: readonly Pair[]): Score[] => {
  if (pairs.length === 0) return [];
  let [forecast, climatology] = [0, 0];
  for (const [own, past] of pairs) {
    forecast += own / pairs.length;
    climatology += past / pairs.length;
  }
  const share = climatology === 0 ? null : 1 - forecast / climatology;
  const skill = score === 'log' ? forecast - climatology : share;
  return [{ of, score, count: pairs.length, forecast, climatology, skill }];
};

/** Whether forecasts were better than climatology; nothing of what has no known outcome. */
export const skillOf = (cycles: readonly HeldCycle[]): readonly Score[] => {
  const known = (quantity: Quantity) =>
    cycles.flatMap(({ quantities }) => {
      const { came, ...both } = quantities[quantity];
      return came === null ? [] : [{ came, ...both }];
    });
  const continuous = QUANTITIES.flatMap((quantity) => {
    const all = known(quantity);
    const by = (score: typeof crps): Pair[] =>
      all.map(({ forecast, climatology, came }) => [score(forecast, came), score(climatology, came)]);
    return [...scored(quantity, 'crps', by(crps)), ...scored(quantity, 'log', by(logScore))];
  });
  const judged = cycles.flatMap(({ acceptance: { forecast, climatology, came } }): Pair[] =>
    came === null ? [] : [[brier(forecast, came), brier(climatology, came)]],
  );
  return [...continuous, ...scored('acceptance', 'brier', judged)];
};
