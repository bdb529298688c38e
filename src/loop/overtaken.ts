import { Refused } from '#ledger/decider.js';
import { WrongExpectedRevision } from '#ledger/log.js';
import type { LoopPorts } from './loop-ports.js';
import { readRun } from './run-context.js';

/**
 * Whether a step failed only because somebody else got on with the run meanwhile: then the next step is chosen anew. A refusal
 * of a run that stands as it stood is a real one.
 */
export const overtaken = async (ports: LoopPorts, run: string, revision: number, error: unknown): Promise<boolean> => {
  if (error instanceof WrongExpectedRevision) return true;
  return error instanceof Refused && (await readRun(ports, run)).revision !== revision;
};
