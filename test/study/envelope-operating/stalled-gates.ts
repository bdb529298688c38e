import { Rng } from '#corpus/domain/random.js';
import type { Cause, CycleFacts } from '#experiment/domain/attribution.js';
import { stallOf, type Stalling } from '#experiment/domain/envelope.js';
import { standard } from './simulated-arms.js';

type Verdict = Pick<CycleFacts, 'verdict' | 'degraded'>;
const LOSS: Verdict = { verdict: 'REJECT', degraded: true };
const UNDECIDED: Verdict = { verdict: 'INCONCLUSIVE', degraded: false };
const OTHER: Verdict = { verdict: 'REJECT', degraded: false };
const ACCEPTED: Verdict = { verdict: 'ACCEPT', degraded: false };

/** How a gate answers, by shares; `stops`: three rejections in a row make the run back off, three more end it. */
export const GATES = {
  'rejects for a shown loss 80%, undecided 20%': {
    answers: [LOSS, UNDECIDED],
    first: 0.8,
    stops: false,
    due: ['GATE'],
  },
  'the same, and stops the run': { answers: [LOSS, UNDECIDED], first: 0.8, stops: true, due: ['GATE'] },
  'undecided 90%, rejects otherwise 10%': { answers: [UNDECIDED, OTHER], first: 0.9, stops: false, due: ['POWER'] },
  'rejects for a shown loss 50%, undecided 50%': {
    answers: [LOSS, UNDECIDED],
    first: 0.5,
    stops: false,
    due: ['GATE', 'POWER'],
  },
  'accepts 95%, undecided 5%': { answers: [ACCEPTED, UNDECIDED], first: 0.95, stops: false, due: ['DYNAMICS'] },
} as const satisfies Record<
  string,
  { answers: readonly [Verdict, Verdict]; first: number; stops: boolean; due: readonly Cause[] }
>;
export type GateName = keyof typeof GATES;

/** `gain`: what a candidate truly gains on its champion, in points. */
export type StallSetting = Readonly<{ gate: GateName; gain: number; seeds: number; cycles: number }>;

/** Spread of a measured step: 160 blocks of spread 2.5 points; and of a champion's level where it changes. */
export const STEP_SPREAD = 2.5 / Math.sqrt(160);
const IN_A_ROW = 3;
const HALF_WIDTH = (1.96 * STEP_SPREAD) / 100;

/** The cycles that a row of rejections was answered for; the second row ends the run. */
const heldBackIn = (cycles: readonly CycleFacts[]): Readonly<{ held: ReadonlySet<number>; last: number }> => {
  const held = new Set<number>();
  let [row, rows] = [0, 0];
  for (const { cycle, verdict } of cycles) {
    row = verdict === 'REJECT' ? row + 1 : 0;
    if (row < IN_A_ROW) continue;
    for (let back = 0; back < IN_A_ROW; back += 1) held.add(cycle - back);
    [row, rows] = [0, rows + 1];
    if (rows === 2) return { held, last: cycle };
  }
  return { held, last: cycles.length };
};

const run = ({ gate, gain, cycles }: StallSetting, rng: Rng, at: number): Stalling => {
  const { answers, first, stops } = GATES[gate];
  const drawn = Array.from({ length: cycles }, (_, cycle): CycleFacts => {
    const answer = rng.uniform() < first ? answers[0] : answers[1];
    const step = (gain + STEP_SPREAD * standard(rng)) / 100;
    return { cycle: cycle + 1, ...answer, heldBack: false, step, stepHalfWidth: HALF_WIDTH };
  });
  const { held, last } = stops ? heldBackIn(drawn) : { held: new Set<number>(), last: cycles };
  const judged = drawn.slice(0, last).map((each) => ({ ...each, heldBack: held.has(each.cycle) }));
  let level = 0.4 + 0.01 * standard(rng);
  const capability = [{ cycle: 0, value: level, units: null }];
  for (const { cycle, verdict } of judged) {
    if (verdict === 'ACCEPT') level += gain / 100;
    capability.push({ cycle, value: level, units: null });
  }
  return { run: `seed-${String(at).padStart(2, '0')}`, accepted: { capability }, facts: { cycles: judged, epochs: 1 } };
};

/** What some stalled arms were said to be due to; an arm may have several causes. */
export type CauseCounts = Readonly<{
  arms: number;
  stalled: number;
  due: number;
  gateOrPower: number;
  dynamics: number;
}>;

export const addCauses = (parts: readonly CauseCounts[]): CauseCounts =>
  parts.reduce((a, b) => ({
    arms: a.arms + b.arms,
    stalled: a.stalled + b.stalled,
    due: a.due + b.due,
    gateOrPower: a.gateOrPower + b.gateOrPower,
    dynamics: a.dynamics + b.dynamics,
  }));

export type StallPart = Readonly<{ setting: StallSetting; seed: string; from: number; to: number }>;

/** Simulations `from` up to `to` of a setting, with the project's own attribution. */
export const countCauses = ({ setting, seed, from, to }: StallPart): CauseCounts => {
  const due: readonly Cause[] = GATES[setting.gate].due;
  const counts = { arms: to - from, stalled: 0, due: 0, gateOrPower: 0, dynamics: 0 };
  for (let at = from; at < to; at += 1) {
    const runs = Array.from({ length: setting.seeds }, (_, of) =>
      run(setting, Rng.from(seed, setting.gate, setting.gain, setting.cycles, of).branch(at), of),
    );
    const { stalled, attribution } = stallOf(runs);
    if (!stalled) continue;
    const causes = attribution.flatMap(({ cause, holds }) => (holds ? [cause] : []));
    counts.stalled += 1;
    if (causes.some((cause) => due.includes(cause))) counts.due += 1;
    if (causes.includes('GATE') || causes.includes('POWER')) counts.gateOrPower += 1;
    if (causes.includes('DYNAMICS')) counts.dynamics += 1;
  }
  return counts;
};
