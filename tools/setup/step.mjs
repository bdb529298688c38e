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

/** Runs a command with its output appended to `log`; answers {ok, output}. */
export function runLogged(log, [program, ...args], { cwd, env = process.env, append = false }) {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, append ? 'a' : 'w');
  writeSync(file, `$ ${[program, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', file, file] });
    const stop = () => child.kill();
    process.once('exit', stop);
    const done = () => {
      process.off('exit', stop);
      closeSync(file);
    };
    child.once('error', (error) => {
      done();
      reject(new StepFailed(`${program} could not be started: ${error.message}`));
    });
    child.once('close', (code) => {
      done();
      resolve({ ok: code === 0, output: readFileSync(log, 'utf8') });
    });
  });
}

/** Prints what failed, the last lines of its log, and the fix. */
export function report(error) {
  if (!(error instanceof StepFailed)) {
    say(`\n${error.stack ?? error}\n`);
    return;
  }
  say(`\n${error.message}\n`);
  if (error.log !== null) {
    const lines = readFileSync(error.log, 'utf8').trimEnd().split('\n').slice(-40);
    say(`\n${lines.map((line) => `    ${line}`).join('\n')}\n\nWhole log: ${error.log}\n`);
  }
  if (error.fix !== null) say(`To fix: ${error.fix}\n`);
}
