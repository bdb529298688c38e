// How the tests run a program: what it prints is shown as it comes, and kept.
import { spawn } from 'node:child_process';

/** Runs a command and answers {code, text} with its standard output, which is also shown unless `quiet`. */
export function run(program, args, { cwd, env = process.env, quiet = false }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (!quiet) process.stdout.write(chunk);
    });
    child.once('error', (error) => resolve({ code: 127, text: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, text }));
  });
}
