// How a step of the set-up speaks: one line on standard error, completed when the step ends; its full output goes to a
// log file and is shown only when it fails. Standard output stays free for `--json` of the command that follows.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A failure that a person can act on: what happened, the end of the log, what to do. */
export class StepFailed extends Error {
  constructor(message, { log = null, fix = null } = {}) {
    super(message);
    this.log = log;
    this.fix = fix;
  }
}

const say = (text) => process.stderr.write(text);

/** Prints `name … outcome`, where `work(announce)` answers the outcome and may announce a long wait in between. */
export async function step(name, work) {
  const began = performance.now();
  let announced = false;
  const announce = (doing) => {
    if (!announced) say(`  ${name} … ${doing} … `);
    announced = true;
  };
  try {
    const outcome = await work(announce);
    const seconds = (performance.now() - began) / 1000;
    const took = announced ? ` in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s` : '';
    say(announced ? `${outcome}${took}\n` : `  ${name} … ${outcome}\n`);
  } catch (error) {
    say(announced ? 'failed\n' : `  ${name} … failed\n`);
    throw error;
  }
}

/** Thrown when the person or the system stops the set-up; `exitCode` is what a shell expects after that signal. */
export class Interrupted extends Error {
  constructor(exitCode) {
    super('interrupted');
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command with its output in `log`; answers {ok, output}. On a signal it is stopped and waited for, so that
 * nothing goes on writing behind the next set-up's back.
 */
export function runLogged(log, [program, ...args], { cwd, env = process.env, append = false }) {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, append ? 'a' : 'w');
  writeSync(file, `$ ${[program, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', file, file] });
    let interrupted = null;
    const stopFor = (exitCode) => () => {
      interrupted = new Interrupted(exitCode);
      child.kill('SIGTERM');
    };
    const signals = { SIGINT: stopFor(130), SIGTERM: stopFor(143), SIGHUP: stopFor(129) };
    for (const [signal, stop] of Object.entries(signals)) process.once(signal, stop);
    const done = (settle) => {
      for (const [signal, stop] of Object.entries(signals)) process.off(signal, stop);
      closeSync(file);
      settle();
    };
    child.once('error', ({ message }) => done(() => reject(new StepFailed(`${program} did not start: ${message}`))));
    child.once('close', (code) =>
      done(() => (interrupted ? reject(interrupted) : resolve({ ok: code === 0, output: readFileSync(log, 'utf8') }))),
    );
  });
}

/** Prints what failed, the last lines of its log, and the fix; answers the exit code. */
export function report(error) {
  if (error instanceof Interrupted) {
    say('\nInterrupted; the next run takes it up from here.\n');
    return error.exitCode;
  }
  if (!(error instanceof StepFailed)) {
    say(`\n${error.stack ?? error}\n`);
    return 1;
  }
  say(`\n${error.message}\n`);
  if (error.log !== null) {
    const lines = readFileSync(error.log, 'utf8').trimEnd().split('\n').slice(-40);
    say(`\n${lines.map((line) => `    ${line}`).join('\n')}\n\nWhole log: ${error.log}\n`);
  }
  if (error.fix !== null) say(`To fix: ${error.fix}\n`);
  return 1;
}
