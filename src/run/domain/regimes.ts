import { aggressive, conservative, type Regime } from '#constitution/domain/regime.js';
import type { RunConfig } from './config.js';

const NAMED_REGIMES = { conservative, aggressive };

type RegimeInput = keyof typeof NAMED_REGIMES | Regime;
/** As a run file has it: one regime for all cycles, or each with the cycle that it begins at. */
export type RegimesInput = RegimeInput | readonly Readonly<{ fromCycle: number; regime: RegimeInput }>[];

const named = (input: RegimeInput): Regime => (typeof input === 'string' ? NAMED_REGIMES[input] : input);

const isList = (input: RegimesInput): input is Exclude<RegimesInput, RegimeInput> => Array.isArray(input);

export const regimesOf = (input: RegimesInput): RunConfig['regimes'] =>
  isList(input)
    ? input.map(({ fromCycle, regime }) => ({ fromCycle, regime: named(regime) }))
    : [{ fromCycle: 1, regime: named(input) }];
