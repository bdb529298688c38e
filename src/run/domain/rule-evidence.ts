import type { Reason } from '#constitution/domain/verdict.js';

/** What is known of a cited record without opening it. */
export type Cited = Readonly<{ type: string; role: string | null; metric: string | null }>;

/** The quantities of a budget rule, and what measures each of them. */
const DRIFT_OF: Readonly<Record<string, string>> = {
  klNatsPerByte: 'kl-to-champion',
  weightRatio: 'weight-distance-to-champion',
};

const MAKES_CANDIDATE = ['UpdateProduced', 'CandidateInterpolated'];

const ofBudget = ({ statistic }: Reason, { type, metric }: Cited): boolean => {
  if (statistic === 'suiteOverdraw') return type === 'ProbesRecorded';
  const drift = DRIFT_OF[statistic];
  if (drift !== undefined) return type === 'DriftMeasured' && metric === drift;
  return (statistic === 'steps' || statistic === 'tokens') && MAKES_CANDIDATE.includes(type);
};

const ofEvidence = ({ statistic }: Reason, { type }: Cited): boolean => {
  if (type === 'EvaluationVoided') return true;
  if (statistic === 'passed-controls') return type === 'ControlsChecked';
  return type === 'ShadowCompared' || (statistic === 'sealed-suites' && type === 'ProbesRecorded');
};

/** Whether a rule's finding stands on a cited record: general quality is read from the gate's probes, capability from the shadow suite's. */
export const standsOn = (reason: Reason, cited: Cited): boolean => {
  switch (reason.kind) {
    case 'HARD':
      return reason.statistic === 'honeypots' ? cited.type === 'ControlsChecked' : MAKES_CANDIDATE.includes(cited.type);
    case 'BUDGET':
      return ofBudget(reason, cited);
    case 'EVIDENCE':
      return ofEvidence(reason, cited);
    case 'PROCEDURAL':
      return false;
    default: {
      if (reason.paired?.measure === 'brier') return cited.type === 'CalibrationMeasured';
      const role = reason.paired?.measure === 'accuracy' ? 'shadow' : 'gate';
      return cited.type === 'ProbesRecorded' && reason.paired !== null && cited.role === role;
    }
  }
};
