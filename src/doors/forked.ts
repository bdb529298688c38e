import { fork, type ChildProcess } from 'node:child_process';

/** A program of this project in a process of its own, which answers by messages. */
export const forked = (program: string): ChildProcess =>
  // No execArgv: the child must not inherit a test runner's or debugger's flags.
  fork(program, [], { execArgv: [], serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });

/** Whether the child keeps this program from ending. */
export const holdOpen = (child: ChildProcess, hold: boolean): void => {
  const toggle = hold ? 'ref' : 'unref';
  child[toggle]();
  child.channel?.[toggle]();
  const stderr = child.stderr as (NodeJS.ReadableStream & { ref?(): void; unref?(): void }) | null;
  stderr?.[toggle]?.();
};
