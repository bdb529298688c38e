import { percent } from '#experiment/domain/amount.js';
import type { DataOf } from '#experiment/domain/events.js';
import { alphaOfLook, type Registration } from '#experiment/domain/registration.js';
import type { Cite, Tone } from './document.js';
import { ofType, registeredIn, type Told } from './told.js';

type Concluded = DataOf<'HypothesisConcluded'>;
/** What the looks made of one hypothesis; the last one counts. */
type Looks = Readonly<{ looks: readonly Readonly<{ concluded: Concluded }>[] }>;

/** Where it was declared that what a look concluded is not as registered. */
export const negativeCites = (told: Told, { look, hypothesis }: Concluded): readonly Cite[] =>
  ofType(told.experiment, 'NegativeResultDeclared').flatMap(({ event, cite }) =>
    event.data.look === look && event.data.hypothesis === hypothesis ? cite : [],
  );

export const isNegative = (told: Told, { looks }: Looks): boolean => {
  const last = looks.at(-1);
  return last !== undefined && negativeCites(told, last.concluded).length > 0;
};

/** Whether its claim was borne out, shown not to hold, or neither. */
export const toneOf = (told: Told, result: Looks): Tone => {
  const last = result.looks.at(-1)?.concluded;
  if (!last || last.outcome === 'inconclusive') return 'open';
  return isNegative(told, result) ? 'bad' : 'good';
};

/** Of every interval of an experiment, which has the same alpha at each look: "95%". */
export const levelOf = (told: Told): string => percent(1 - alphaOfLook(registeredIn(told).registration));
/** Differences of what, and in what. */
export const comparedSaid = ({ distillation }: Registration): string =>
  distillation
    ? 'students of the same seed, in points of what is answered exactly or explained, or percent of what the untaught student has'
    : "runs with the same seed, in points of capability or percent of the anchor's bits per byte";
