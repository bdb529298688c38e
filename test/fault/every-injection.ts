/**
 * Tries every fault at every call by which the workload reaches its data folder, and prints what came of it. Ends with 1 when
 * anything that was acknowledged is lost, half-written or in two places.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { bothFolders, type Faulting, type Outcome } from './injections.js';
import { noTrace } from './traced.js';

const { values } = parseArgs({ options: { syscall: { type: 'string' } } });
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const count = (outcomes: readonly Outcome[], passes: (outcome: Outcome) => boolean): number =>
  outcomes.filter(passes).length;

const injectAll = async (folder: Faulting): Promise<readonly Outcome[]> => {
  const left = folder.injections.filter(({ syscall }) => values.syscall === undefined || syscall === values.syscall);
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let injection = left.shift(); injection; injection = left.shift()) {
      const outcome = await folder.inject(injection);
      outcomes.push(outcome);
      const { syscall, path, nth, fault } = injection;
      const where = `${folder.before.name}, ${fault} at ${syscall} ${nth} of ${path}`;
      for (const found of outcome.faults) say(`FAULT ${where}: ${found}`);
      if (!outcome.struck) say(`missed: ${where}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return outcomes;
};

const columns = (cells: readonly (string | number)[]): string =>
  cells.map((cell, at) => (at === 0 ? String(cell).padEnd(12) : String(cell).padStart(13))).join('');

const ENDS: readonly Outcome['ended'][] = ['went on', 'crashed', 'was killed', 'hung'];

const row = (name: string, calls: number, of: readonly Outcome[]): void => {
  const struck = count(of, (outcome) => outcome.struck);
  const ends = ENDS.map((end) => count(of, ({ ended }) => ended === end));
  const faulty = count(of, ({ faults }) => faults.length > 0);
  say(columns([name, calls, of.length, struck, ...ends, faulty]));
};

const summary = (folder: Faulting, outcomes: readonly Outcome[]): void => {
  say(`\n${folder.before.name}`);
  say(columns(['syscall', 'calls', 'injections', 'struck', ...ENDS, 'losses']));
  for (const name of new Set(folder.calls.map((call) => call.name))) {
    const calls = folder.calls.filter((call) => call.name === name);
    const own = outcomes.filter(({ injection }) => injection.syscall === name);
    row(name, calls.length, own);
  }
  row('all', folder.calls.length, outcomes);
};

if (noTrace === undefined) {
  let bad = 0;
  for (const folder of await bothFolders()) {
    for (const found of folder.unflushed) say(`FAULT ${folder.before.name}: ${found}`);
    const outcomes = await injectAll(folder);
    summary(folder, outcomes);
    bad += folder.unflushed.length + count(outcomes, ({ faults }) => faults.length > 0);
    await folder.remove();
  }
  say(
    bad === 0
      ? '\nNothing that was acknowledged was lost.'
      : `\n${bad} times something was lost, half-written or in two places.`,
  );
  process.exitCode = bad === 0 ? 0 : 1;
} else say(`SKIPPED: faults at calls of the system: ${noTrace}`);
