import type { Actor } from '#ledger/record.js';

/** Version of this build, as records carry it. */
export const BUILD = 'prometheus-ledger/0.1.0';

export const human = (id: string): Actor => ({ kind: 'human', id, build: BUILD });
export const service: Actor = { kind: 'service', id: 'loop', build: BUILD };
/** What the doors themselves record: who was turned away, and who called what. */
export const doorkeeper: Actor = { kind: 'service', id: 'doorkeeper', build: BUILD };
export const trainerActor = (id: string): Actor => ({ kind: 'trainer', id, build: BUILD });
export const evaluatorActor = (id: string): Actor => ({ kind: 'evaluator', id, build: BUILD });
export const policyActor = (id: string): Actor => ({ kind: 'policy', id, build: BUILD });
