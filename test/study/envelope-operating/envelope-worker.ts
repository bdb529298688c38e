import { parentPort } from 'node:worker_threads';
import { countStates, type StatePart } from './count-states.js';
import { countCauses, type StallPart } from './stalled-gates.js';

/** One part of the arms of one setting. */
export type Part = Readonly<{ states: StatePart }> | Readonly<{ causes: StallPart }>;

parentPort?.on('message', (part: Part) =>
  parentPort?.postMessage('states' in part ? countStates(part.states) : countCauses(part.causes)),
);
