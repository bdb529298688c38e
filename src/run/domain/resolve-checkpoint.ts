import { Refused } from '#ledger/decider.js';
import { candidateIn } from './cycle.js';
import { cycleOf, type Started } from './run.js';

const HASH_PREFIX = /^[0-9a-f]{6,64}$/;
const MOST_CYCLE_DIGITS = 5;

/** The accepted checkpoint that a cycle number (0: the anchor), a hash or the beginning of one names. @throws Refused */
export const resolveCheckpoint = (run: Started, to: string): string => {
  const name = run.config.run;
  const known = `\`run show ${name}\` lists them`;
  if (/^\d+$/.test(to) && to.length <= MOST_CYCLE_DIGITS) {
    const cycle = Number(to);
    if (cycle === 0 && run.anchor) return run.anchor.checkpoint;
    const candidate = candidateIn(cycleOf(run, cycle));
    if (candidate && cycle > 0 && run.accepted.includes(candidate)) return candidate;
    throw new Refused(`rollback to ${to}: cycle ${to} of run ${name} has no accepted checkpoint; ${known}`);
  }
  if (!HASH_PREFIX.test(to))
    throw new Refused(
      `rollback to ${to}: a cycle number or at least 6 hex digits of a checkpoint's hash are needed; ${known}`,
    );
  const found = run.accepted.filter((hash) => hash.startsWith(to));
  const [checkpoint] = new Set(found);
  if (checkpoint && new Set(found).size === 1) return checkpoint;
  const problem = checkpoint ? 'begins more than one accepted checkpoint' : 'is no accepted checkpoint';
  throw new Refused(`rollback to ${to}: ${problem} of run ${name}; ${known}`);
};
