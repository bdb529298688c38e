import type { By, CommandId } from '#ledger/ledger.js';
import { human } from './actors.js';

/** Where a command comes from: who asks, and under which name, so that a repetition is known as one. */
export type Origin = Readonly<{ requester: string; command?: CommandId }>;

/** How the log names the author of what a command writes. */
export const byOrigin = ({ requester, command }: Origin): By => ({
  actor: human(requester),
  ...(command && { command }),
});
