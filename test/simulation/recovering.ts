import { replayRun, type Replayed } from '#audit/replay-run.js';
import { OverlayArtifacts } from '#audit/scratch.js';
import { ArtifactDamaged } from '#ledger/artifacts.js';
import { Ledger } from '#ledger/ledger.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { rash, smallFile, type smallPorts } from './small-run.js';

export type Ports = ReturnType<typeof smallPorts>;

const needed = [
  { rule: 'weights-finite', kind: 'HARD', check: 'weights-finite' },
  { rule: 'architecture-unchanged', kind: 'HARD', check: 'architecture-unchanged' },
  { rule: 'evaluators-agree', kind: 'EVIDENCE', requirement: 'agreeing-evaluators', atLeast: 2 },
];
const quality = {
  rule: 'quality-kept',
  kind: 'NON-INFERIORITY',
  metric: 'general-bits-per-byte',
  measure: 'bits-per-byte',
  reference: 'anchor',
  margin: { relative: 0.5 },
  largestLoss: 8,
};
const drift = { rule: 'drift-within-budget', kind: 'BUDGET', quantity: 'klNatsPerByte', atMost: 0.4 };
const alphaPlan = { alpha: 0.5, kMax: 8 };

/** Every update drifts further than allowed, and half of it does not. */
export const overshooting = (run: string): object =>
  smallFile(run, {
    regime: { ...rash, learningRate: 0.006, replayPpm: 500_000 },
    memory: { episodic: {}, predictive: {} },
    constitution: { name: 'half', alphaPlan, rescue: { interpolate: true }, rules: [...needed, quality, drift] },
  });

/** Every update is rejected, however gently. */
export const hopeless = (run: string): object =>
  smallFile(run, {
    cycles: 6,
    regime: { ...rash, steps: 6 },
    constitution: { name: 'strict', alphaPlan, stall: { after: 1, backOff: { learningRate: 0.5, steps: 0.5 } } },
  });

/** Every update loses quality, and no rule minds. */
export const creeping = (run: string): object =>
  smallFile(run, {
    cycles: 6,
    regime: { ...rash, learningRate: 0.003, steps: 6 },
    constitution: { name: 'careless', alphaPlan, rules: [...needed, quality] },
  });

/** Artifacts on a disk that loses some. */
export class FailingArtifacts extends MemoryArtifacts {
  readonly damaged = new Set<string>();

  override async get(sha256: string): Promise<Uint8Array> {
    if (this.damaged.has(sha256)) throw new ArtifactDamaged(`artifact ${sha256}: its bytes have another SHA-256`);
    return super.get(sha256);
  }
}

export const replayed = (ports: Ports, run: string): Promise<Replayed> =>
  replayRun(ports, run, {
    ledger: new Ledger(new MemoryLog(), new CountedClock(), new CountedIds(1_000_000)),
    artifacts: new OverlayArtifacts(new MemoryArtifacts(), ports.artifacts),
  });
