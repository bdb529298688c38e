import { sha256 } from '#ledger/digest.js';
import { canonicalJson } from '#ledger/record.js';
import { qualityDrift } from '#loop/judge-step.js';
import type { JudgingPorts } from '#loop/loop-ports.js';
import type { JudgingContext } from '#loop/run-context.js';
import { lowered } from '#run/domain/adaptation.js';
import { qualityCusum } from '#run/domain/quality-cusum.js';
import type { Cycle } from '#run/domain/cycle.js';
import type { Started } from '#run/domain/run.js';
import type { Disagreement } from './domain/finding.js';

type Judged = Readonly<{ ports: JudgingPorts; context: JudgingContext; run: Started }>;
type Claim = Readonly<{ what: string; recorded: unknown; recomputed: unknown }>;

const against = (run: string, cycle: number, claims: readonly Claim[]): readonly Disagreement[] =>
  claims.flatMap(({ what, ...values }) => {
    const [recorded, recomputed] = [canonicalJson(values.recorded ?? null), canonicalJson(values.recomputed ?? null)];
    return recorded === recomputed ? [] : [{ run, cycle, what, recorded, recomputed }];
  });

/** What a run does after rejections must be what its constitution says. */
export const wrongAnswers = ({ context, run }: Judged): readonly Disagreement[] => {
  const { config, backedOff } = run;
  const { rescue, stall, scope, onDrift } = context.constitution;
  const declared = [
    { what: 'rescue of the run', recorded: config.rescue, recomputed: rescue },
    { what: 'stall of the run', recorded: config.stall, recomputed: stall },
    { what: 'answer of the run to an alarm', recorded: config.onDrift, recomputed: onDrift },
  ];
  if (!backedOff) return against(config.run, 0, declared);
  const recomputed = lowered(run, backedOff.cycle, scope);
  const backOff = { what: 'the regime that is backed off to', recorded: backedOff.to, recomputed };
  return [...against(config.run, 0, declared), ...against(config.run, backedOff.cycle, [backOff])];
};

/** The weights of a rescue must be those on the line between champion and rejected candidate. */
export const wrongInterpolation = async (
  { ports, run }: Judged,
  { cycle, interpolated }: Cycle,
): Promise<readonly Disagreement[]> => {
  if (!interpolated) return [];
  const { champion, parent, factor, candidate } = interpolated;
  const [from, to] = [await ports.artifacts.get(champion), await ports.artifacts.get(parent)];
  const recomputed = sha256(ports.weights.interpolate(from, to, factor));
  return against(run.config.run, cycle, [{ what: 'the interpolated candidate', recorded: candidate, recomputed }]);
};

/** The drift of general quality, and the sum over champions that an alarm stands on, follow from the probes. */
export const wrongQualityDrift = async ({ ports, run }: Judged, cycle: Cycle): Promise<readonly Disagreement[]> => {
  if (cycle.drift.length === 0) return [];
  const quality = await qualityDrift(ports.artifacts, cycle);
  const claims = [...quality, ...qualityCusum(run, cycle, quality)].map(({ metric, ...figures }) => {
    const found = cycle.drift.find((drift) => drift.metric === metric);
    const { cycle: _cycle, checkpoint: _checkpoint, metric: _metric, ...recorded } = found ?? {};
    return { what: `the drift ${metric}`, recorded, recomputed: figures };
  });
  return against(run.config.run, cycle.cycle, claims);
};
