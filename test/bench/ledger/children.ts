import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What a program prints when it ends well. @throws what it complained of */
export const said = async (program: string, args: readonly string[], cwd?: string): Promise<string> => {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd !== undefined && { cwd }) });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  if (code === 0) return output;
  throw new Error(`${[program, ...args].join(' ')} ended with ${code}: ${complaint.trim()}`);
};

/** What a script of this folder prints as JSON in a process of its own, whose memory and heap are nobody else's. */
export const childSays = async <T>(script: string, ...args: readonly string[]): Promise<T> => {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return JSON.parse(await said(process.execPath, [path, ...args])) as T;
};
