import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/** Which process has a data folder open, precisely enough to tell it from a later one with the same number. */
export const ownerSchema = z.strictObject({
  pid: z.int().positive(),
  host: z.string(),
  boot: z.string(),
  pidNamespace: z.string(),
  started: z.string(),
});
export type Owner = Readonly<z.output<typeof ownerSchema>>;

const orEmpty = (read: () => string): string => {
  try {
    return read();
  } catch {
    return '';
  }
};

/** Clock ticks from boot to the start of the process (field 22 of /proc/<pid>/stat); empty where there is no /proc. */
const startOf = (pid: number): string =>
  orEmpty(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  });

export const thisProcess = (): Owner => ({
  pid: process.pid,
  host: hostname(),
  boot: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()),
  pidNamespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
  started: startOf(process.pid),
});

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Whether a process with this number that began at this tick runs in the container of this one. */
export const isSameRunning = (pid: number, started: string): boolean => isRunning(pid) && startOf(pid) === started;

/**
 * Whether the owner still runs, as seen from `self`. A process of another container cannot be asked for, so there the
 * pids that hold kernel locks on the files decide.
 */
export const isAlive = (owner: Owner, self: Owner, lockHolders: readonly number[]): boolean => {
  if (owner.boot !== self.boot) return false;
  if (owner.pidNamespace !== self.pidNamespace) return lockHolders.includes(owner.pid);
  return isSameRunning(owner.pid, owner.started);
};
